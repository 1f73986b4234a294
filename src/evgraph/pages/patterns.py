"""The patterns of the phrases in which pages refer: "the study below", "discussed in cell E3's bite", "click here".

Each is matched within one sentence of a folded text (`Source.folded`), in which quotes are straight and a wrongly
decoded apostrophe is three of them.
"""

from __future__ import annotations

import re

_I = re.IGNORECASE | re.ASCII  # ASCII matches faster; words of any alphabet are _WORDs.
_WORD = r"(?u:[\w'-]+)"
NOUNS = {
    "study": "study", "studies": "study", "trial": "trial", "trials": "trial", "review": "review", "reviews": "review",
    "guidance": "guidance", "guideline": "guidance", "guidelines": "guidance", "guide": "guidance",
    "analysis": "analysis", "analyses": "analysis", "document": "document", "documents": "document",
    "entry": "document", "entries": "document", "report": "document", "reports": "document", "paper": "document",
    "papers": "document", "book": "document", "article": "document",
    "articles": "document", "slides": "document", "presentation": "document", "video": "document",
    "thesis": "document", "survey": "study", "surveys": "study",
    "commentary": "section", "section": "section", "sections": "section",
    "issue": "issue", "issues": "issue", "text": "supplement",
}  # fmt: skip
PARTS = {"section", "issue", "supplement"}  # Nouns for parts of the commentary; the others are documents.
NOUN = rf"(?:{'|'.join(sorted(NOUNS, key=len, reverse=True))})"
# In "a review of randomised trials" and "a report on the same study" the noun is the first.
ANY_NOUN = re.compile(rf"\b({NOUN})\b(?: (?:and {_WORD} )?(?:of|on|about|into|from) (?:{_WORD} ){{0,3}}?{NOUN}\b)*", _I)
# Where the words for a document end and what they say of it begins: "slide presentation and video, which …".
HEAD_END = re.compile(r"[,;(]| (?:which|that|who|on|of|about|into|from|by|in|for|to|with|at)\b", _I)
# The largest patterns contain this many times over and are compiled at each start, so adjectives ("British", "German")
# are matched by their endings.
_COUNTRY = (
    r"(?:[A-Z]\.?[A-Z]\.?[A-Z]?(?![A-Za-z])|[A-Z][a-z]+(?:an|ese|ish|ch|sh|ss)\b|Greek|(?:Eng|Scot|Ire|Fin)land|Wales"
    r"|Britain|Norway|Sweden|Denmark|France|Germany|Spain|Italy|Canada|Australia|New Zealand"
    r"|the (?:Netherlands|UK|USA?))"
)
COUNTRIES = rf"(?-i:(?:{_COUNTRY}(?:(?:, | and |/)(?=[A-Z]|the ))?){{1,10}})"
_DIRECTION = r"(?P<direction>above|below)"
_LINK_NUMBERS = r"\d{1,2}(?:(?:[ ,]| and )+\d{1,2}){0,30}"
_NUMBERS = rf"\((?P<numbers>{_LINK_NUMBERS})\)"
# What may follow a noun: link numbers, or the year of the document.
_NUMBERS_OR_YEAR = rf"\((?:{_LINK_NUMBERS}|(?:18|19|20)\d\d)\)"
_SORT = (
    r"(?:(?:slightly|more|much|earlier|later|recent|older|newer|similar|further|other|same|systematic|clinical|national"
    r"|official|associated) )"
)
# After "related" and the like any word may name the sort: "related telephone study".
_ANY_SORT = rf"(?:(?!(?:an?|and|are|by|for|from|in|is|of|on|or|that|the|to|which|with) ){_WORD} )"
# "US study", "earlier UK reviews (1 2)", "studies in Wales", "[and review]".
_NAME = rf"(?:{COUNTRIES} )?{_SORT}{{0,3}}(?:{COUNTRIES} )?{NOUN}\b"
_NAME_ANY_SORT = rf"(?:{COUNTRIES} )?{_ANY_SORT}{{0,3}}?(?:{COUNTRIES} )?{NOUN}\b"
ITEM = re.compile(
    rf"(?:(?P<before>{COUNTRIES}) )?{_ANY_SORT}{{0,3}}?(?:(?P<countries>{COUNTRIES}) )?\b(?P<noun>{NOUN})\b"
    rf"(?: \((?:(?P<numbers>{_LINK_NUMBERS})|(?P<year>\d{{4}}))\))?",
    _I,
)
_PLACES = (
    rf"(?: (?:from|in|for) (?P<places>(?:the )?{COUNTRIES}))?"
    rf"(?: (?:from|by|of|in|on|for|with) (?:the|this) same (?:{_WORD} )?{_WORD})?"
)
_NEAREST = r"(?P<nearest>immediately|directly)"
_LISTED = r"(?:,? \(?(?:see |also )?(?:(?P<listed>listed)|discussed|described))"
_LISTED_OR_NEAREST = rf"(?:,? (?:is|are))?(?:,? also)?{_LISTED}?(?: {_NEAREST})?"


def _list_of(name: str) -> str:
    item = rf"{name}(?: {_NUMBERS_OR_YEAR})?"
    return rf"(?P<items>{item}(?:(?:, and |, | and | or | \[and ){item}\]?){{0,9}}){_PLACES}"


# Numbers may follow the direction too, and "above and below" may name both.
_DIRECTED = (
    rf"{_LISTED_OR_NEAREST}(?:,? \(?(?:see )?){_DIRECTION}\b\)?(?P<both> and (?:above|below)\b)?"
    rf"(?: \((?P<behind>{_LINK_NUMBERS})\))?"
)
_NAMED = f"{_list_of(_NAME)}{_DIRECTED}"
_NAMED_ANY = f"{_list_of(_NAME_ANY_SORT)}{_DIRECTED}"

PAIR = re.compile(rf"\b(?P<kind>corresponding|related|associated) {_NAMED_ANY}", _I)
AND = re.compile(r"(?:,? and |, )(?:also )?", _I)
PAIR_CONTINUED = re.compile(rf"(?:(?P<kind>corresponding|related|associated) )?{_NAMED_ANY}", _I)
NAMED_ALONE = re.compile(_NAMED, _I)
_HOW_TO = r"(?:(?<=\bto )|(?<=\bon )|(?<=\bof )|(?<=\bfor ))"  # "A guide to implementing …" names what it implements.
IMPLEMENTED_BY = re.compile(rf"\b(?:implementation|(?!{_HOW_TO})implementing) {_NAMED_ANY}", _I)
IMPLEMENTS = re.compile(
    rf"\b(?:build(?:ing|s) (?:up)?on\b[^.]{{0,200}}?|put(?:s|ting) (?=[^.]{{0,120}}?into practice\b)[^.]{{0,120}}?"
    rf"|(?:implement(?:s|ing) (?=(?:the|this|that|these|those)\b|(?-i:[A-Z]))|{_HOW_TO}implementing )[^.]{{0,120}}?)"
    rf"(?:\((?:see |listed )?| ){_DIRECTION}\b\)?",
    _I,
)
SEE_ALSO_DIRECTED = re.compile(
    rf"\b(?:see also|also see) (?:(?:(?:an?|the) )?(?:{_WORD} ){{0,3}}?{_list_of(_NAME)}"
    rf"|[^.();]{{0,60}}?)[ ,]*\(?(?:(?P<listed>listed)|discussed|described)? *(?:{_NEAREST} )?{_DIRECTION}\b\)?",
    _I,
)
_NOT_AS_ADVICE = (
    r"(?<!\bto )(?<!\bwill )(?<!\bcan )(?<!\bcould )(?<!\bwould )(?<!\bwe )(?<!\byou )(?<!\bthey )(?<!\bnot )"
)
SEE = re.compile(
    rf"{_NOT_AS_ADVICE}\b(?P<also>also )?see (?P<also_2>also )?(?!whether\b|if\b|how\b|that\b|why\b)(?P<what>[^.;]+)",
    _I,
)
_WORK = (
    rf"(?:{NOUN}|briefing|bulletin|chapter|essay|film|interview|leaflet|lecture|newsletter|podcast|talk|toolkit|webinar"
    "|web ?site)"
)
# A document without a year, known only by a link: "see another team's thesis", "more in this slide presentation".
SEE_LOST_LINK = re.compile(
    rf"(?:{_NOT_AS_ADVICE}\bsee(?! also\b)|\bmore (?:on this |details )?in) "
    rf"(?P<what>(?:this|these|another|our|their|his|her|an?"
    rf"|(?:{_WORD} ){{0,3}}?{_WORD}'s?) (?:{_WORD} ){{0,4}}?{_WORK}\b(?: and {_WORK}\b)?)"
    r"(?! (?:above|below|listed)\b| \([^()]{0,200}\b(?:18|19|20)\d\d)",
    _I,
)
NUMBERED = re.compile(_NUMBERS)
LINK_NUMBERS = re.compile(r"\((?P<numbers>1(?:[ ,]| and )+2(?:(?:[ ,]| and )+\d{1,2}){0,30})\)")
NO_DOCUMENT = re.compile(r"\b(?:above|below|cells?|bite|hot topics?|rest of row|section)\b", _I)
DIRECTED = re.compile(r" (?:listed )?(?P<direction>above|below)\b")
DATED_DIRECTED = re.compile(rf"\b(?P<items>{_NAME} \((?:18|19|20)\d\d\)){_LISTED_OR_NEAREST} {_DIRECTION}\b", _I)
SEVERAL_COUNTRIES = re.compile(
    rf"\b(?P<countries>{_COUNTRY}(?:, {_COUNTRY}){{0,5}},? and {_COUNTRY}) (?P<noun>studies|trials)\b"
)
POSITION = re.compile(rf"\b{_DIRECTION}\b(?: as (?:an? )?(?P<role>{NOUN})\b)?", _I)
LISTED_BEFORE = re.compile(
    r"\b(?P<same_document>also )?(?:listed|described|discussed|noted|mentioned|shown|referred to|see) $", _I
)
NEAREST_BEFORE = re.compile(r"\b(?:immediately|directly) $", _I)
SEVERAL_BEFORE = re.compile(r"\b(?:are|were|both|all) $", _I)
# The noun that a following "above" belongs to: "a British study (listed", "trials from the UK and USA".
NOUN_BEFORE = re.compile(
    rf"\b(?:(?P<countries>{COUNTRIES}) (?:(?-i:[a-z][a-z-]*) ){{0,2}})?\b(?P<noun>{NOUN})(?: {_NUMBERS})?"
    rf"(?: (?:from|in) (?P<places>(?:the )?{COUNTRIES}))?"
    r"[ ,]*(?:that |which )?(?:is |are |was |were )?[ (]*$",
    _I,
)
NOUN_AFTER = re.compile(rf"\s*,? (?:(?:the|this|that) )?(?P<noun>{NOUN})\b", _I)
# "Above" and "below" in a measure or a comparison: they refer to nothing.
MEASURES_BEFORE = re.compile(
    r"(?:\b(?:over and|head and shoulders|well|far|significantly|fall(?:s|ing)?|fell|rose|rising|remain(?:s|ed)?)"
    r"|\b\d+%? (?:and|or)|\bage[ds]? \d+) $",
    _I,
)
MEASURES_AFTER = re.compile(
    r"[ -](?:all\b|average|and beyond|zero|chance\b|par\b|that of\b|those (?:of|in|for)\b|£|\$|\d"
    rf"|(?:the|a|an|this|that|their|its|current|recommended|national) (?:{_WORD} ){{0,2}}?(?:age|levels?|thresholds?"
    r"|limits?|lines?|average|norms?|cut-?offs?|guidelines? (?:level|limit)s?|minimum|maximum)\b)",
    _I,
)

_BITE = r"'?\bbite'*s?'*"
ROLES = {"what is this cell about": "about", "where should i start": "start", "highlighted study": "highlighted",
          "issues": "issue", "issue": "issue"}  # fmt: skip
_SECTION = r"'*(?:What is this cell about|Where should I start|Highlighted study|Issues?)\??'*"
SECTION_WITH_NUMBERS = re.compile(rf"(?P<name>{_SECTION})(?:\s*\((?P<numbers>{_LINK_NUMBERS})\))?", _I)
_SECTIONS = rf"{_SECTION}(?:\s*\({_LINK_NUMBERS}\))?(?:(?:, and |, | and ){_SECTION}(?:\s*\({_LINK_NUMBERS}\))?){{0,5}}"
OWN_BITE = re.compile(
    rf"(?<!\w)(?:(?:(?:related|relevant|further) )?discuss(?:ions?|ed)(?: {_WORD})? in "
    r"|for [^.;()]{1,40}? see (?:discussion in )?"
    rf"|what )?(?:this |the )?(?:{_BITE} (?P<sections>{_SECTIONS})\s+sections?"
    rf"|(?P<unnamed>(?-i:{_SECTIONS}))\s+sections?)(?!,? (?:of|in|to) (?:the )?(?:bites? (?:of|on|for) )?cells? )"
    rf"(?:\s*{_NUMBERS})?",
    _I,
)
CLICK = re.compile(
    r"(?:\bfor (?:(?:related|relevant|further) )?(?u:[\w ]){3,40}? click"
    r"(?P<heres>(?: here)?(?:(?:, and |, | and | or )here){0,20})"
    r"|\bclick(?P<heres_alone> here(?:(?:, and |, | and | or )here){0,20}))"
    r"(?: and scroll down(?: to (?:the )?highlighted headings?)?)?",
    _I,
)
_MATRIX = r"(?:alcohol|drug)(?: treatment)? matrix"
CELL = re.compile(
    r"(?<!\w)(?P<discussed>(?i:(?:(?:related |relevant )?discuss(?:ion|ions|ed)|introduced|cautioned|explored"
    r"|dealt with|highlighted study|commentary)(?: \w+)? (?:in|on) ))?(?:the )?(?:bites? (?:of|on|for|to) )?"
    rf"(?P<matrix_before>(?i:{_MATRIX})(?:'+s)? )?\b[Cc]ells? (?P<squares>[A-E][1-5](?=s bite|\b)"
    r"(?:(?:'+s?(?: bite'*s?\b)?)?(?:, and |, | and | or )(?:the )?(?:[Cc]ells? )?[A-E][1-5]\b){0,9})"
    rf"(?P<bite>'*s?(?: bites?\b)(?:'+s? {_SECTIONS} sections?)?|'+s\b)?(?i:(?: (?:of|in) the (?P<matrix>{_MATRIX})))?"
)
CELL_BY_LABEL = re.compile(
    r"(?:the )?(?:corresponding|equivalent) cell (?:on (?P<label>interventions|practitioners|management"
    rf"|organisational functioning|treatment systems)(?: as a whole)?|(?:of|in) the (?P<matrix>{_MATRIX}))",
    _I,
)
THIS_CELL = re.compile(rf"\b(?P<noun>{NOUN}) in this cell(?: {_NUMBERS})?", _I)
FILE_PLACE = re.compile(
    r"(?:on |see )?(?P<locator>(?:pp?\.|pages?|stud(?:y|ies)|tables?|figures?|sections?|chapters?|appendi(?:x|ces))"
    r" ?\d+(?:(?:-|, | and )\d+){0,9})"
    r" (?:of|in) (?:(?:the )?linked (?:PDF|file|document)|(?:its|the|this|their) PDF)(?: file)?",
    _I,
)
# Neither the question mark in the name of a section nor the full stop of an abbreviation ends a sentence. Abbreviations
# are grouped by length, since a look-behind needs words of one length.
_ABBREVIATIONS = ("p|P", "pp|vs|Dr|St|No|no|al|cf", r"e\.g|i\.e", "Prof", "approx")
_NO_END = "".join(rf"(?<![ (](?:{words})\.)" for words in _ABBREVIATIONS)
SENTENCE_END = re.compile(
    rf"[.?!]{_NO_END}(?<!(?i:what is this cell about)\?)(?<!(?i:where should i start)\?)"
    r"['\")\]]*(?P<gap>\s+)(?=['\"(\[]*[A-Z0-9%])"
)
PERIOD = re.compile(r"(?:-|to) ?\d{4}")  # A period, as in "in five towns (1990-2008)", is not the date of a document.
