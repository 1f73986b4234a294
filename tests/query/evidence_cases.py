"""Exact rows of the questions about guidance, evidence and commentary, and of those that search and count."""

from __future__ import annotations

from typing import Any

_A = "snapshot:alcohol-E4/a"

_TRIAL_A = ("doc:trial-a", "Trial A (2000)", "2000")
_DIRECT_A = (
    "doc:direct", "Direct (2005)", "2005", *_TRIAL_A, "direct", None,
    "passage:a/20-30 passage:b/90-99 passage:b/200-210",
)  # fmt: skip
_CHAIN_1_A = (
    "doc:chain-1", None, None, *_TRIAL_A, "chained", "doc:direct",
    "passage:a/20-30 passage:a/70-75 passage:b/90-99 passage:b/200-210",
)  # fmt: skip
_CHAIN_2_A = (
    "doc:chain-2", None, None, *_TRIAL_A, "chained", "doc:direct",
    "passage:a/1-5 passage:a/20-30 passage:a/70-75 passage:b/90-99 passage:b/200-210",
)  # fmt: skip
_TRIAL_B = [
    ("doc:round-1", None, None, "doc:trial-b", None, None, "direct", None, ""),
    ("doc:round-2", None, None, "doc:trial-b", None, None, "chained", "doc:round-1", ""),
]
_HOPS = [
    (1, "doc:start", "Start", "takes its lead from", "doc:middle", None, _A, 2, "passage:a/20-30"),
    (1, "doc:start", "Start", "takes its lead from", "doc:middle", None, _A, 10, "passage:a/100-110"),
    (
        1, "doc:start", "Start", "indirectly rests a recommendation on", "doc:study", "Study", _A, 10,
        "passage:a/100-110",
    ),
    (2, "doc:middle", None, "takes its lead from", "doc:end", None, None, None, ""),
    (3, "doc:end", None, "rests a recommendation on", "doc:other", None, None, None, ""),
    (3, "doc:end", None, "takes its lead from", "doc:start", "Start", None, None, ""),
    (
        3, "doc:end", None, "cites as evidence; rests a recommendation on", "doc:study", "Study", _A, 2,
        "passage:a/20-30 passage:a/25-28",
    ),
]  # fmt: skip
_NONE = (
    "doc:guide", "Guide (2011)", "2011", "B body; Old body", "recommendation:guide/none", "Do it", "1.2",
    "passage:a/20-30",
)  # fmt: skip
_AFTER = ("doc:guide", "Guide (2011)", "2011")
_BEARS, _CORRESPONDS = "bears on a recommendation", "corresponds to a study it cites"
_NEWER, _NEWEST = ("doc:newer", "Newer (2013)", "2013"), ("doc:newest", None, "2015")
_CITED, _DO_IT = ("doc:cited", "Cited (2000)"), ("recommendation:guide/one", "Do it")
_SAID_BOTH_WAYS = "passage:a/20-30 passage:a/100-110"
_AFTER_GUIDE = [
    (*_AFTER, *_NEWER, _BEARS, *_DO_IT, "qualifies", "passage:a/20-30"),
    (*_AFTER, "doc:review", None, "2014", _BEARS, *_DO_IT, "contradicts; supports", ""),
    (*_AFTER, *_NEWER, _CORRESPONDS, *_CITED, "", _SAID_BOTH_WAYS),
    (*_AFTER, *_NEWEST, _CORRESPONDS, *_CITED, "", ""),
]
_AFTER_FOLLOWER = [
    ("doc:follower", None, "2012", *_NEWER, _CORRESPONDS, *_CITED, "", _SAID_BOTH_WAYS),
    ("doc:follower", None, "2012", *_NEWEST, _CORRESPONDS, *_CITED, "", ""),
]
_UNCITED = ("doc:alone", "Alone (1999)", "1999")
_NOBODYS = (None, None, "", "doc:nobodys", None, None, "GB-SCT")
_BY_NEW = ("org:new", "New body", "", "doc:by-new", None, "2015", "US")
_JOINT = ("doc:joint", "Joint (2006)", "2006", "GB, GB-SCT")
_BY_OLD, _BY_SOLO = ("org:old", "Old body", "Between; New body", *_JOINT), ("org:solo", None, "", *_JOINT)
_ISSUE_1 = ("section:alcohol-E4/issue-1", "Last", "cell:alcohol-E4")
_ONE = ("doc:one", "One (1999)", "1999")
_FIRST_ISSUE = ("section:alcohol-E4/issue-1", "First issue", "cell:alcohol-E4")
_TOPIC = ("topic:commissioning", "Commissioning", "alcohol-E4, drug-E4", 2)
_BOTH = ("doc:both", None, None, "review, study", 2, 1, "")
_MAYBE = ("doc:maybe", "Maybe (1999)", "1999", "trial", 0, 2, "doi 10.1/b (probable); isbn 123")

CASES: list[tuple[str, dict[str, str], list[tuple[Any, ...]]]] = [
    ("guidance-citing-trials", {}, [_DIRECT_A, _CHAIN_1_A, _CHAIN_2_A, *_TRIAL_B]),
    ("guidance-citing-trials", {"trial": "trial-b"}, _TRIAL_B),
    ("guidance-citing-trials", {"trial": "doc:study"}, []),
    ("evidence-chain", {"guidance": "start"}, _HOPS),
    ("evidence-chain", {"guidance": "start", "study": "study"}, [row for row in _HOPS if row[4] != "doc:other"]),
    ("evidence-chain", {"guidance": "barren"}, []),
    (
        "guidance-without-evidence",
        {},
        [
            ("doc:bare", "Bare", None, "", ""),
            ("doc:follows", "Follows (2001)", "2001", "A body; Z body", "Bare; Cites"),
        ],
    ),
    (
        "recommendations-without-evidence",
        {},
        [_NONE, ("doc:other", None, None, "", "recommendation:other/none", None, None, "")],
    ),
    ("recommendations-without-evidence", {"publisher": "OB"}, [_NONE]),
    ("recommendations-without-evidence", {"publisher": "new"}, [_NONE]),
    ("recommendations-without-evidence", {"publisher": "Idle body"}, []),
    (
        "single-study-recommendations",
        {},
        [
            (
                *("doc:guide", "Guide (2011)", "2011", "recommendation:guide/one", "Do it", "cited"),
                *("doc:first", "First (1999)", "1999", "passage:a/20-30"),
            ),
            (
                *("doc:guide", "Guide (2011)", "2011", "recommendation:guide/same", None, ""),
                *("doc:first", "First (1999)", "1999", ""),
            ),
            (
                *("doc:guide", "Guide (2011)", "2011", "recommendation:guide/same", None, ""),
                *("doc:first-again", None, None, ""),
            ),
        ],
    ),
    ("evidence-after-guidance", {}, [*_AFTER_FOLLOWER, *_AFTER_GUIDE]),
    ("evidence-after-guidance", {"guidance": "guide"}, _AFTER_GUIDE),
    ("evidence-after-guidance", {"guidance": "late"}, []),
    (
        "uncited-studies",
        {},
        [(*_UNCITED, "alcohol-E4, drug-E4"), ("doc:by-study", None, None, "alcohol-E4")],
    ),
    ("uncited-studies", {"matrix": "drug"}, [(*_UNCITED, "drug-E4")]),
    ("guidance-by-publisher", {}, [_NOBODYS, _BY_NEW, _BY_OLD, _BY_SOLO]),
    ("guidance-by-publisher", {"publisher": "New body"}, [_BY_NEW, _BY_OLD]),
    ("guidance-by-publisher", {"publisher": "OB"}, [_BY_OLD]),
    ("guidance-by-publisher", {"country": "GB"}, [_NOBODYS, _BY_OLD, _BY_SOLO]),
    ("guidance-by-publisher", {"publisher": "org:new", "country": "US"}, [_BY_NEW]),
    ("guidance-by-publisher", {"publisher": "idle"}, []),
    (
        "discussions-of",
        {"document": "it"},
        [
            (*_FIRST_ISSUE, "critiqued", "yes", "passage:a/100-110"),
            ("commentary:alcohol-E4", "The bite", "cell:alcohol-E4", "discussed", "yes", ""),
            (*_FIRST_ISSUE, "discussed", "yes", "passage:a/20-30 passage:a/100-110"),
            ("cell:alcohol-E4", "", "cell:alcohol-E4", "pointed to", "yes", ""),
            ("cell:drug-D2", "Drug cell D2", "cell:drug-D2", "pointed to", "no", "passage:b/5-9"),
            ("section:drug-E4/intro", "", "cell:drug-E4", "discussed", "yes", ""),
            (None, "", "cell:drug-E4", "link lost", "yes", "passage:b/5-9"),
        ],
    ),
    ("discussions-of", {"document": "quiet"}, []),
    (
        "issue-evidence",
        {},
        [
            ("section:alcohol-E4/issue-2", None, "cell:alcohol-E4", None, None, None, "", ""),
            (*_ISSUE_1, *_ONE, "discussed, critiqued", "passage:a/20-30 passage:a/100-110"),
            (*_ISSUE_1, "doc:two", None, None, "discussed", ""),
            ("section:drug-E4/issue-1", None, "cell:drug-E4", None, None, None, "", ""),
        ],
    ),
    (
        "issue-evidence",
        {"section": "section:alcohol-E4/start"},
        [("section:alcohol-E4/start", None, "cell:alcohol-E4", *_ONE, "discussed", "")],
    ),
    ("issue-evidence", {"section": "section:alcohol-E4/end"}, []),
    (
        "evidence-age",
        {},
        [
            ("cell:alcohol-E4", "R", 1, 2, 2000, 2010, "2005"),
            ("cell:drug-E4", "K", 3, 4, 2000, 2010, "2002.5"),
            ("cell:drug-E4", "R", 2, 3, 1990, 2010, "2005"),
            ("cell:drug-E4", "", 2, 1, 1990, 1990, "1990"),
        ],
    ),
    ("evidence-age", {"cell": "alcohol:E4"}, [("cell:alcohol-E4", "R", 1, 2, 2000, 2010, "2005")]),
    ("evidence-age", {"cell": "A1"}, []),
    ("hot-topics", {}, [_TOPIC, ("topic:nameless", None, "drug-E4", 1)]),
    ("hot-topics", {"topic": "Commissioning"}, [_TOPIC]),
    ("hot-topics", {"topic": "idle"}, []),
    (
        "most-connected",
        {},
        [
            (
                *("doc:hub", "Hub (2000)", "2000", 4),
                "corresponding study; mention; recommendation rests on; related",
            ),
            (
                *("doc:guide", None, None, 3),
                "bears on recommendation; recommendation rests on; recommendation supported by",
            ),
            ("doc:twin", None, None, 2, "corresponding study; recommendation supported by; related"),
            ("doc:far", None, None, 1, "mention"),
            ("doc:mentioned", None, None, 1, "mention"),
            ("doc:speaker", None, None, 1, "bears on recommendation"),
        ],
    ),
    ("unidentified-documents", {}, [_BOTH, _MAYBE, ("doc:plain", None, None, "", 0, 0, "")]),
    ("unidentified-documents", {"kind": "study"}, [_BOTH, _MAYBE]),
    ("unidentified-documents", {"kind": "trial"}, [_MAYBE]),
    ("unidentified-documents", {"kind": "analysis"}, []),
    (
        "search",
        {"text": "Mutual  aid"},
        [
            (3, "entry", "entry:drug-E4/phrase", "Linking to MUTUAL-AID groups", "abstract, headline"),
            (2, "document", "doc:apart", "Aid (that is mutual)", "creator, label, title"),
            (1, "recommendation", "recommendation:guide/one", "Give first aid", "label"),
        ],
    ),
    ("search", {"text": "GIVE"}, [(1, "recommendation", "recommendation:guide/one", "Give first aid", "label")]),
    ("search", {"text": "10.1016/J.x.2007.04.007"}, [(1, "document", "doc:coded", "", "identifier")]),
    ("search", {"text": 'nothing "said" & done\\'}, []),
]
