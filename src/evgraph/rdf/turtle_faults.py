"""What is wrong in Turtle, TriG, N-Triples or N-Quads that a parser refuses, and where that begins.

The parser says where it stopped, which is often behind the error: it notices a missing full stop at the next subject,
and a missing quotation mark at the end of the file. So the text is read again up to that place.
https://www.w3.org/TR/turtle/#sec-grammar
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from evgraph.rdf.faults import CURLY, WELL_KNOWN, Fault, bad_iri, line_from, merge_conflict, place, shortened
from evgraph.rdf.turtle_tokens import DIRECTIVE, TOKEN
from evgraph.text import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

_WINDOW = 1_000_000  # So many characters before the parser's place are read again.
_LANGUAGE = re.compile(r"@[\w-]*")
_SEPARATORS = "write , between two values of a property, ; before another property, . after a statement"
_BROKEN_UNICODE = re.compile(r"\\(?:u(?![0-9A-Fa-f]{4})|U(?![0-9A-Fa-f]{8}))[0-9A-Fa-f]*")


class _Token(NamedTuple):
    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def turtle_fault(text: str, at: int, reason: str, name: str) -> Fault:
    """Return what is wrong in Turtle, TriG, N-Triples or N-Quads.

    Args:
        text: of the file, up to the end of the line where the parser stopped, or more.
        at: where the parser stopped.
        reason: the parser's.
        name: of the format.

    """
    if fault := merge_conflict(text, at):
        return fault
    before, broken = _read(text, at)
    if broken is not None and text[broken] in "\"'" and "escape" not in reason.casefold():
        return _unclosed_string(text, broken)
    match = TOKEN.match(text, at)
    kind = match.lastgroup if match else None
    if match and kind and match.start(kind) == at:
        token = _Token(kind, match[kind], at)
    else:
        token = _Token("", _word(text, at), at)
    return (
        _in_a_token(text, token, reason)
        or _in_ntriples(token, reason, name)
        or _in_names(text, token, before, reason)
        or _in_brackets(text, token, before)
        or _between_statements(text, token, before, reason)
        or _in_a_statement(token, before, reason)
        or Fault(f"{reason}: {shortened(token.text)}" if token.text and token.text not in reason else reason, at, "")
    )


def _read(text: str, at: int) -> tuple[list[_Token], int | None]:
    """Return the tokens before an offset, and where they end if that is before it."""
    start = text.rfind("\n", 0, max(at - _WINDOW, 0)) + 1
    tokens: list[_Token] = []
    while match := TOKEN.match(text, start, at):
        kind = match.lastgroup or ""
        tokens.append(_Token(kind, match[kind], match.start(kind)))
        start = match.end()
    rest = re.compile(r"(?:\s|#[^\r\n]*)*").match(text, start, at)
    end = rest.end() if rest else start
    return tokens, end if end < at else None


def _in_a_token(text: str, token: _Token, reason: str) -> Fault | None:
    """Return a fault within a string, an escape, an IRI or a language tag."""
    at, line_start = token.start, text.rfind("\n", 0, token.start) + 1
    if "escape" in reason.casefold():
        quoted = re.search(r"'(\\.*?)'", reason)  # The parser's place may be in the middle of it.
        start = max(text.rfind(quoted[1] if quoted else "\\", 0, at + 12), line_start)
        escape = quoted[1] if quoted else text[start : start + 2]
        hint = "write \\\\ for a backslash; the escapes are \\t \\b \\n \\r \\f \\\" \\' \\\\ \\uXXXX \\UXXXXXXXX"
        if "allowed to be escaped" in reason:
            hint = "write the whole IRI in <>, or only letters, digits, - and _ in the name"
        elif re.search(r"<[^<>\s]*$", text[line_start:start]):
            hint = "write %5C for a backslash in an IRI, or / for one that separates folders"
        return Fault(f"{shortened(escape)} is no escape", start, hint)
    if token.text[:1] in {'"', "'"} and "end of file" in reason:
        if token.kind and (escape := _BROKEN_UNICODE.search(token.text)):
            hint = "write \\u with four hexadecimal digits, \\U with eight"
            return Fault(f"{escape[0]} is no escape", at + escape.start(), hint)
        return _unclosed_string(text, at)
    is_iri = text[at : at + 1] == "<" and text[at : at + 2] != "<<"
    if is_iri and re.search("IRI|end of file|host|port|scheme|char", reason):
        return bad_iri(text, at, reason)
    for tag in _LANGUAGE.finditer(text, line_start):
        if tag.start() <= at <= tag.end() and re.search("subtag|language|Unexpected character|integer", reason):
            parts = [part[:8] for part in re.split("[-_]+", tag[0][1:]) if part]
            is_near = "_" in tag[0] and parts and len(parts[0]) <= 3
            hint = f"write it as @{'-'.join(parts)}" if is_near else "write a tag such as @en or @en-GB"
            return Fault(f"{shortened(tag[0])} is not a language tag", tag.start(), hint)
    return None


def _unclosed_string(text: str, at: int) -> Fault:
    mark = text[at : at + 3] if text[at : at + 3] in {'"""', "'''"} else text[at]
    message = f"the string that begins here does not end: {shortened(line_from(text, at))}"
    curly = next((letter for letter in line_from(text, at) if letter in CURLY), "")
    more = "" if len(mark) == 3 else f", or {mark * 3} around a text of several lines"
    more = f" instead of the printed {curly}" if curly else more
    return Fault(message, at, f"close it with {mark}{more}")


def _in_ntriples(token: _Token, reason: str, name: str) -> Fault | None:
    if name not in {"ntriples", "nquads"} or not re.search("must be an IRI|prefix name|prefix .* has not", reason):
        return None
    if token.kind == "string" and token.text[0] == '"':
        message = f"{shortened(token.text)} is a string, and only the object may be one"
        return Fault(message, token.start, "write an IRI in <>")
    hint = 'write IRIs whole, in <>, and strings in ""; if the file is Turtle, give it the suffix .ttl'
    return Fault(f"{shortened(token.text)} cannot be in {name}", token.start, hint)


def _in_names(text: str, token: _Token, before: Sequence[_Token], reason: str) -> Fault | None:
    """Return a fault of a prefix, of a declaration, or of a character that no name begins with."""
    at, last = token.start, before[-1] if before else None
    if undeclared := re.search(r"The prefix (\S*): has not been declared", reason):
        prefix = undeclared[1]
        declared = [match["prefix"] for match in DIRECTIVE.finditer(f"\n{text[:at]}") if match["prefix"]]
        near = nearest(prefix, declared)
        if prefix in WELL_KNOWN:
            hint = f"add at the top: @prefix {prefix}: <{WELL_KNOWN[prefix]}> ."
        elif near:
            hint = f"correct it, or declare it at the top: @prefix {prefix}: <…> ."
        else:
            hint = f"declare it at the top: @prefix {prefix}: <…> ."
        suggestion = f"; did you mean {near[0]}:?" if near and prefix not in WELL_KNOWN else ""
        user = "" if token.text == f"{prefix}:" else f" of {shortened(token.text)}"
        return Fault(f"the prefix {prefix}:{user} is not declared{suggestion}", at, hint)
    if re.match("The (PREFIX|BASE)", reason):
        start = text.rfind("\n", 0, at) + 1
        hint = "write it as @prefix NAME: <IRI> ." if "PREFIX" in reason else "write it as @base <IRI> ."
        return Fault(f"not a declaration: {shortened(line_from(text, start))}", start, hint)
    if "datatype IRI" in reason:
        is_missing = token.text in {".", ";", ","}
        message = "no datatype follows ^^" if is_missing else f"{shortened(token.text)} is not a datatype"
        return Fault(message, at, "write one such as xsd:date after ^^, or remove ^^")
    character = text[at : at + 1]
    if last and last.end == at and last.kind == "name" and character and character in "/#(&'+!*=$":
        word = _word(text, last.start)
        message = f"{shortened(word)}: {character} cannot be in a prefixed name as it is"
        return Fault(message, last.start, f"write \\{character}, or the whole IRI in <>")
    if character in CURLY and character:
        message = f"{shortened(_word(text, at))} begins with the printed quotation mark {character}"
        return Fault(message, at, "write \" or '")
    if text[at : at + 2] in {"//", "/*", "--"}:
        return Fault(f"{shortened(line_from(text, at))} cannot stand here", at, "begin a comment with #")
    if character and (not character.isprintable() or character == "\xa0"):
        return Fault(f"the character U+{ord(character):04X} cannot stand here", at, "replace it, perhaps with a space")
    if re.match("An integer|'.' is not allowed at the beginning", reason) and token.text:
        message = f"{shortened(token.text)} cannot stand here"
        return Fault(message, at, "write a prefixed name, an IRI in <>, or text in quotation marks")
    if last and last.kind == "string" and last.end == at and character and (character.isalnum() or character in "\"'"):
        message = f"{shortened(_word(text, at))} directly follows the string {shortened(last.text)}"
        hint = f"write \\{last.text[0]} for a quotation mark within a string, and @ before a language tag"
        return Fault(message, at, hint)
    if last and last.kind == "number" and last.end == at:
        word = shortened(_word(text, last.start))
        datatype = "^^xsd:date" if re.fullmatch(r"\d{4}-\d\d-\d\d", word) else ""
        return Fault(f"{word} is not a number", last.start, f'write it in quotation marks: "{word}"{datatype}')
    return None


def _in_brackets(text: str, token: _Token, before: Sequence[_Token]) -> Fault | None:
    pairs = {"]": "[", ")": "(", "}": "{"}
    opened: list[_Token] = []
    for mark in before:
        if mark.kind == "mark" and mark.text in "[({":
            opened.append(mark)
        elif mark.text in pairs and opened:
            opened.pop()
    if token.text in pairs and not opened:
        return Fault(f"{token.text} closes nothing", token.start, f"remove it, or write the {pairs[token.text]}")
    ends = {"", "{"} if opened and opened[-1].text == "{" else {"", "{", ".", *pairs}
    if not opened or token.text not in ends or opened[-1].text == pairs.get(token.text):
        return None
    opening = opened[-1]
    closing = {"[": "]", "(": ")", "{": "}"}[opening.text]
    end = f"the {token.text} on line {place(text, token.start)[0]}" if token.text else "the end of the file"
    message = f"the {opening.text} that begins here is not closed before {end}"
    return Fault(message, opening.start, f"close it with {closing}")


def _between_statements(text: str, token: _Token, before: Sequence[_Token], reason: str) -> Fault | None:
    """Return the fault of a full stop, semicolon or comma that is missing, or that is another one's."""
    if not before:
        return None
    last, statement = before[-1], _statement(before)
    if token.text == "." and last.text == ".":
        return Fault("there is a full stop too many", token.start, "remove it")
    if token.text == "." and not statement and last.kind == "iri":
        return Fault("PREFIX and BASE without @ take no full stop", token.start, "remove it, or write @prefix or @base")
    part = _since(statement, ";")
    if len(part) < len(statement):  # What follows a semicolon is a property and its values …
        semicolon, first = statement[len(statement) - len(part) - 1], part[0] if part else token
        terms = _words([*part, token])
        has_subject = len(terms) > 2 or (len(terms) == 2 and token.text == "a")
        is_one_line = has_subject and "\n" not in text[terms[1].start : token.start]
        if is_one_line and _opens_line(text, first.start, statement[0].start):
            # … and this one has a subject, too.
            subject = f"{shortened(first.text)} on line {place(text, first.start)[0]}"
            return Fault(f"after this ; {subject} begins a new statement", semicolon.start, "write . for the ;")
    comma = before[-2] if len(before) > 1 else last
    is_new_line = "\n" in text[comma.end : last.start] and "\n" not in text[last.end : token.start]
    if comma.text == "," and is_new_line and token.text and token.kind != "mark":
        other = f"{shortened(last.text)} on line {place(text, last.start)[0]}"
        return Fault(f"after this , {other} begins another property", comma.start, "write ; for the ,")
    if not token.text and last.text in {";", ","}:
        return Fault(f"the file ends after a {last.text}", last.start, f"write . for the {last.text}")
    is_directive = statement and statement[0].text.casefold() in {"@prefix", "@base"} and last.kind == "iri"
    is_complete = len(_words(part)) >= (3 if len(part) == len(statement) else 2) or is_directive or "dot" in reason
    if not is_complete or last.text in {";", ","}:
        return None
    if token.text and re.search("valid subject", reason) and "\n" not in text[last.end : token.start]:
        message = f"{shortened(token.text)} follows {shortened(last.text)} without a comma"
        return Fault(message, token.start, _SEPARATORS)
    if not token.text or "dot" in reason or token.kind in {"string", "name", "iri", "blank", "word"}:
        following, _ = _read(text[token.start :], len(line_from(text, token.start)))
        ahead = next((n for n, each in enumerate(following) if each.text in {".", ";", ","}), len(following))
        mark = {1: "comma", 2: "semicolon"}.get(len(_words(following[:ahead])) if following else 0, "full stop")
        return Fault(f"a {mark} is missing after {shortened(last.text)}", last.end, _SEPARATORS)
    return None


def _in_a_statement(token: _Token, before: Sequence[_Token], reason: str) -> Fault | None:
    """Return the fault of a term that is missing, or cannot be where it is."""
    last = before[-1].text if before else ""
    if not token.text or token.text in {".", ";", ",", "]", ")", "}"}:
        if not last:
            return None
        statement = _statement(before)
        missing = "a property and its value are" if len(statement) == 1 else "a value is"
        if re.search("not a valid (subject|graph)", reason):
            hint = "remove it, or write a subject before it"
            return Fault(f"{token.text} cannot begin a statement", token.start, hint)
        at = token.start if token.text else before[-1].start
        return Fault(f"{missing} missing after {shortened(last)}", at, "add what is missing, or remove the rest")
    text = token.text
    if "predicate" in reason:
        hint = "write the property as a prefixed name or an IRI in <>"
        if text == "{":
            hint = "Turtle has no named graphs; give a file in TriG the suffix .trig"
        if text.casefold() in {"a", "an", "is", "isa", "type"}:
            hint = "write a (a small letter alone) to say what something is"
        return Fault(f"{shortened(text)} cannot be a property", token.start, hint)
    if "object" in reason:
        hint = 'write text in quotation marks ("…"), an IRI in <>, or a prefixed name with its colon'
        if text.casefold() in {"true", "false"}:
            hint = f"write {text.casefold()}, in small letters"
        return Fault(f"{shortened(text)} cannot be a value", token.start, hint)
    if "subject" in reason:
        hint = "write a prefixed name or an IRI in <>; is the statement before it complete?"
        if text.startswith("@"):
            hint = "write @prefix or @base"
        elif not before:
            hint = "a file begins with @prefix, or a subject; is this one in another format?"
        return Fault(f"{shortened(text)} cannot begin a statement", token.start, hint)
    return None


def _statement(tokens: Sequence[_Token]) -> list[_Token]:
    """Return the tokens since the end of the last statement, declaration, or beginning of a graph."""
    start = 0
    for number, token in enumerate(tokens):
        is_end = token.kind == "mark" and token.text in ".{}"
        if is_end or (number >= 2 and tokens[number - 2].text.casefold() == "prefix" and token.kind == "iri"):
            start = number + 1
    return [*tokens[start:]]


def _since(tokens: Sequence[_Token], mark: str) -> list[_Token]:
    last = next((number for number in reversed(range(len(tokens))) if tokens[number].text == mark), -1)
    return [*tokens[last + 1 :]]


def _words(tokens: Sequence[_Token]) -> list[_Token]:
    """Return the terms among tokens; a datatype and a language tag are parts of one."""
    return [
        token
        for number, token in enumerate(tokens)
        if token.kind not in {"mark", "tag"} and not (number and tokens[number - 1].text == "^^")
    ]


def _opens_line(text: str, at: int, margin: int) -> bool:
    """Whether only spaces precede an offset on its line, as many as there are before another one."""
    start = text.rfind("\n", 0, at) + 1
    return not text[start:at].strip() and at - start <= margin - text.rfind("\n", 0, margin) - 1


def _word(text: str, at: int) -> str:
    match = re.compile(r"\S{1,1000}").match(text, at)
    word = match[0] if match else ""
    return word[:-1] if len(word) > 1 and word[-1] in ".;," else word
