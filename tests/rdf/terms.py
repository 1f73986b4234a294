"""Terms that tempt a writer of RDF into mistakes, for Hypothesis."""

from __future__ import annotations

import pyoxigraph as ox
from hypothesis import strategies as st

from evgraph.namespaces import ID, PREFIXES

XSD = PREFIXES["xsd"]


def iri(text: str) -> ox.NamedNode | None:
    try:
        return ox.NamedNode(text)
    except ValueError:
        return None


# Below our namespaces, with the endings that tempt a writer to shorten what cannot be shortened.
TEMPTING = """
a a- -a a.b a. .. ../x ./x . a:b x/a:b a//b //a /a a/ ?q #f a?q a#f a/../b a/./b a/... 1 _ é a%20b %7e true a/b. a,b a;b
"""
tails = st.one_of(
    st.sampled_from(["", *TEMPTING.split()]),
    st.text(st.sampled_from("ab1-._~/:?#%41é()@!$&'*+,;="), max_size=12),
)
starts = st.sampled_from([*PREFIXES.values(), ID, ID[:-1], "http://example.org/", "urn:x:", "doc:", "evg:"])
iris = st.builds(lambda start, tail: iri(start + tail), starts, tails).filter(bool)
labels = st.sampled_from(["a", "b1", "a.b", "a-", "é", "a:b", "odd-61", "0"])
blanks = st.builds(ox.BlankNode, labels)
texts = st.text(
    st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("\"'\\\n\r\t\b\f\x00\x85\u2028\ufeff@^<"))
)
FORMS = "0 1 01 -1 -0 +1 1.0 1. .5 -0.5 00.5 1.50 1e3 9999999999 true TRUE x"
numbers = st.sampled_from(["", " 1", "1\n", *FORMS.split()])
datatypes = st.sampled_from([f"{XSD}{name}" for name in ("integer", "decimal", "double", "boolean", "gYear", "string")])
literals = st.one_of(
    st.builds(ox.Literal, texts),
    st.builds(lambda text, tag: ox.Literal(text, language=tag), texts, st.sampled_from(["en", "en-gb", "nl"])),
    st.builds(lambda text, kind: ox.Literal(text, datatype=ox.NamedNode(kind)), numbers, datatypes),
    st.builds(lambda text, kind: ox.Literal(text, datatype=kind), texts, iris),
)
triples = st.builds(ox.Triple, st.one_of(iris, blanks), iris, st.one_of(iris, blanks, literals))
named_triples = st.builds(ox.Triple, iris, iris, st.one_of(iris, literals))
plain_triples = st.builds(ox.Triple, st.one_of(iris, blanks), iris, st.one_of(iris, st.builds(ox.Literal, texts)))
graph_names = st.one_of(st.just(ox.DefaultGraph()), iris, blanks)
named_quads = st.builds(ox.Quad, iris, iris, st.one_of(iris, literals), graph_names)
