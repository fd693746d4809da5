"""Unit and generative: from the text of a cell to its value and back, with every fault explained."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kratom_evidence.codebook import Category, CoExposure, Field, Vocabulary, cell_reader, format_cell


def field(**properties: object) -> Field:
    return Field(name="column", title="The column", description="What it means.", **properties)  # type: ignore[arg-type]


FINDINGS = Vocabulary(
    names=frozenset({"tremor", "agitation", "spontaneous_clonus", "seizure"}), synonyms={"shakes": "tremor"}
)
DRUGS = Vocabulary(
    names=frozenset({"sertraline", "quetiapine", "1,3-dimethylamylamine"}), synonyms={"zoloft": "sertraline"}
)
EVIDENCE = tuple(Category(value=value, label=value) for value in ("prescribed", "reported", "detected", "adulterant"))
TIMING = tuple(Category(value=value, label=value) for value in ("concurrent", "past", "unclear"))
CO_EXPOSURES = field(
    list_kind="three_state",
    item_form="co_exposure",
    item_categories={"evidence": EVIDENCE, "timing": TIMING},
    vocabulary=("substances", "name"),
)
FINDING_LIST = field(list_kind="three_state", vocabulary=("findings", "finding"))
FREE_LIST = field(list_kind="three_state")
PLAIN_LIST = field(list_kind="plain")
TEMPERATURE = field(type="number", unit="°C", minimum=20, maximum=46)
AGE = field(type="integer", unit="years", minimum=0, maximum=120)
SEX = field(categories=(Category(value="male", label="Male"), Category(value="female", label="Female")))
COUNTRY = field(pattern="[A-Z]{2}")
DOI = field(pattern=r"10\.[0-9]{4,9}/\S+")

read_drugs = cell_reader(CO_EXPOSURES, DRUGS)
read_findings = cell_reader(FINDING_LIST, FINDINGS)
ALL_READERS = [
    read_drugs,
    read_findings,
    cell_reader(FREE_LIST),
    cell_reader(PLAIN_LIST),
    cell_reader(TEMPERATURE),
    cell_reader(AGE),
    cell_reader(SEX),
    cell_reader(COUNTRY),
    cell_reader(DOI),
    cell_reader(field(max_length=5, required=True)),
]


class TestThreeStates:
    def test_empty_is_not_stated_and_none_is_none(self) -> None:
        assert read_findings("").value is None
        assert read_findings("none").value == ()
        assert read_findings("tremor; seizure").value == ("tremor", "seizure")

    def test_a_plain_list_has_two_states(self) -> None:
        read = cell_reader(PLAIN_LIST)
        assert read("").value == ()
        assert read("none").value == ("none",)

    @pytest.mark.parametrize(
        ("text", "nearest"),
        [
            ("none; tremor", "tremor"),
            ("tremor; None", "tremor"),
            ("None", "none"),
            ("none; none", "none"),
        ],
    )
    def test_none_stands_alone_and_in_lower_case(self, text: str, nearest: str) -> None:
        (problem,) = read_findings(text).problems
        assert (problem.code, problem.value, problem.nearest) == ("C107", text, nearest)

    def test_none_is_found_beside_free_text_after_a_comma(self) -> None:
        assert [problem.code for problem in cell_reader(FREE_LIST)("none, asthma").problems] == ["C107"]
        assert cell_reader(FREE_LIST)("nonepileptic seizures, treated").problems == ()


class TestLists:
    @pytest.mark.parametrize("mark", [",", "|", "/", "\t"])
    def test_wrong_separator_is_named_with_the_right_list(self, mark: str) -> None:
        (problem,) = read_findings(f"tremor{mark}seizure").problems
        assert (problem.code, problem.nearest) == ("C106", "tremor; seizure")

    def test_wrong_separator_does_not_hide_a_misspelling(self) -> None:
        separator, spelling = read_findings("tremor, agitatoin").problems
        assert separator.code == "C106"
        assert (spelling.code, spelling.value, spelling.nearest) == ("C105", "agitatoin", "agitation")

    def test_wrong_separator_does_not_hide_none_beside_values(self) -> None:
        separator, mixed = read_findings("none, tremor").problems
        assert (separator.code, separator.nearest) == ("C106", "tremor")
        assert (mixed.code, mixed.nearest) == ("C107", "tremor")

    def test_wrong_separator_between_co_exposures_leaves_their_own_commas_alone(self) -> None:
        text = "sertraline [prescribed, concurrent], quetiapine [reported, past: 50 mg, at night]"
        (problem,) = read_drugs(text).problems
        assert problem.nearest == text.replace("], ", "]; ")

    def test_comma_within_a_name_is_no_separator(self) -> None:
        (problem,) = read_drugs("1,3-dimethylamilamine [reported, past]").problems
        assert (problem.code, problem.nearest) == ("C105", "1,3-dimethylamylamine")

    def test_commas_and_slashes_are_part_of_free_text(self) -> None:
        assert cell_reader(FREE_LIST)("asthma, mild; and/or allergy").value == ("asthma, mild", "and/or allergy")

    def test_bar_is_a_wrong_separator_even_in_free_text(self) -> None:
        (problem,) = cell_reader(FREE_LIST)("asthma|allergy").problems
        assert (problem.code, problem.nearest) == ("C106", "asthma; allergy")

    @pytest.mark.parametrize("text", ["tremor; ; seizure", "tremor; seizure;", "; tremor; seizure"])
    def test_empty_entry(self, text: str) -> None:
        (problem,) = read_findings(text).problems
        assert (problem.code, problem.nearest) == ("C106", "tremor; seizure")

    def test_repeated_entry(self) -> None:
        (problem,) = read_findings("tremor; seizure; tremor").problems
        assert (problem.code, problem.value, problem.nearest) == ("C110", "tremor", "tremor; seizure")

    def test_all_faults_of_a_list_are_named(self) -> None:
        codes = [problem.code for problem in read_findings("none; tremr; tremr; ").problems]
        assert codes == ["C107", "C106", "C110", "C105", "C105"]
        codes = [problem.code for problem in read_findings("none; tremr; ; zzz").problems]
        assert codes == ["C107", "C106", "C105", "C105"]


class TestCoExposures:
    def test_parts(self) -> None:
        assert read_drugs("sertraline [prescribed, concurrent: 50 mg per day; then 100 mg]").value == (
            CoExposure(
                substance="sertraline",
                evidence="prescribed",
                timing="concurrent",
                dose_text="50 mg per day; then 100 mg",
            ),
        )

    @pytest.mark.parametrize(
        "text",
        [
            "sertraline",
            "sertraline (prescribed, concurrent)",
            "sertraline [prescribed]",
            "sertraline [prescribed, concurrent, 50 mg]",
            "sertraline [prescribed, concurrent",
            "sertraline [prescribed, concurrent] daily",
            "sertraline [[prescribed, concurrent]]",
            "[prescribed, concurrent]",
            "]sertraline[",
        ],
    )
    def test_wrong_shape(self, text: str) -> None:
        assert [problem.code for problem in read_drugs(text).problems] == ["C111"]

    def test_misspelt_drug_and_synonym_are_corrected(self) -> None:
        assert read_drugs("setraline [prescribed, past]").problems[0].nearest == "sertraline"
        assert read_drugs("Zoloft [prescribed, past]").problems[0].nearest == "sertraline"

    def test_each_wrong_part_is_named(self) -> None:
        problems = read_drugs("setraline [prescibed, concurent]").problems
        assert [(problem.code, problem.value, problem.nearest) for problem in problems] == [
            ("C105", "setraline", "sertraline"),
            ("C104", "prescibed", "prescribed"),
            ("C104", "concurent", "concurrent"),
        ]


class TestNumbers:
    @pytest.mark.parametrize(("text", "value"), [("38", 38.0), ("38.5", 38.5), ("20", 20.0), ("46", 46.0)])
    def test_numbers_within_limits(self, text: str, value: float) -> None:
        reading = cell_reader(TEMPERATURE)(text)
        assert (reading.value, reading.problems) == (value, ())

    @pytest.mark.parametrize(
        ("column", "text", "nearest"),
        [
            (TEMPERATURE, "38,5", "38.5"),
            (TEMPERATURE, "38.5 °C", "38.5"),
            (TEMPERATURE, "3B.5", None),
            (TEMPERATURE, "hot", None),
            (TEMPERATURE, "1e1", None),
            (TEMPERATURE, "38.", None),
            (TEMPERATURE, "\u221238", "-38"),
            (TEMPERATURE, "38·5", "38.5"),
            (TEMPERATURE, "20\u201330", None),
            (AGE, "37.0", "37"),
            (AGE, "1.000", None),
            (AGE, "3O", "30"),
            (AGE, "l8", "18"),
            (AGE, "30 years", "30"),
            (AGE, "30.5", None),
            (AGE, "30,5", None),
            (AGE, "30-40", None),
            (AGE, "> 30", None),
            (AGE, "120/80", None),
            (AGE, "٣", None),
        ],
    )
    def test_what_is_no_number(self, column: Field, text: str, nearest: str | None) -> None:
        (problem,) = cell_reader(column)(text).problems
        assert (problem.code, problem.nearest) == ("C102", nearest)

    def test_comma_between_thousands_is_never_taken_for_a_decimal_point(self) -> None:
        level = field(type="number", minimum=0)
        assert cell_reader(level)("1,710").problems[0].nearest is None
        count = field(type="integer", minimum=0)
        assert cell_reader(count)("1,710").problems[0].nearest == "1710"
        assert cell_reader(count)("1,234,567").problems[0].nearest == "1234567"

    @pytest.mark.parametrize(
        ("column", "text", "words", "nearest"),
        [
            (TEMPERATURE, "390", "between 20 and 46 °C", "39.0"),
            (TEMPERATURE, "19.9", "between 20 and 46 °C", None),
            (AGE, "121", "between 0 and 120 years", None),
            (AGE, "-1", "between 0 and 120 years", None),
            (field(type="integer", minimum=1), "0", "at least 1", None),
            (field(type="number", maximum=1), "1.5", "at most 1", None),
        ],
    )
    def test_limits(self, column: Field, text: str, words: str, nearest: str | None) -> None:
        (problem,) = cell_reader(column)(text).problems
        assert problem.code == "C103"
        assert words in problem.why
        assert problem.nearest == nearest


class TestTexts:
    def test_allowed_values_are_listed_and_the_nearest_is_named(self) -> None:
        (problem,) = cell_reader(SEX)("Male").problems
        assert (problem.code, problem.nearest) == ("C104", "male")
        assert "female, male" in problem.why

    @pytest.mark.parametrize(
        ("column", "text", "nearest"),
        [
            (COUNTRY, "us", "US"),
            (COUNTRY, "USA", None),
            (DOI, "https://doi.org/10.1093/qjmed/hcg109", "10.1093/qjmed/hcg109"),
            (DOI, "doi missing", None),
        ],
    )
    def test_form(self, column: Field, text: str, nearest: str | None) -> None:
        (problem,) = cell_reader(column)(text).problems
        assert (problem.code, problem.nearest) == ("C108", nearest)

    def test_length(self) -> None:
        (problem,) = cell_reader(field(max_length=3, pattern="[a-z]+"))("abcd").problems
        assert problem.code == "C108"
        assert "at most 3 characters; it has 4" in problem.why

    def test_required(self) -> None:
        assert [problem.code for problem in cell_reader(field(required=True))("").problems] == ["C101"]

    @pytest.mark.parametrize(
        ("text", "code", "nearest"),
        [
            ("ma\u00adle", "C112", "male"),
            ("ma\u200ble", "C112", "male"),
            ("ma\x00le", "C112", "male"),
            ("male\ufffd", "C112", "male"),
            ("m" * 10_001, "C113", None),
        ],
    )
    def test_what_cannot_be_seen(self, text: str, code: str, nearest: str | None) -> None:
        (problem,) = cell_reader(SEX)(text).problems
        assert (problem.code, problem.nearest) == (code, nearest)

    @pytest.mark.parametrize(
        "text", [" male", "male\u00a0", "\tmale", "\ufeffmale", "male\u200b", "male\u00ad", "\u2003male\u202f"]
    )
    def test_blanks_around_a_value_are_not_read(self, text: str) -> None:
        assert cell_reader(SEX)(text) == cell_reader(SEX)("male")

    @pytest.mark.parametrize("text", [" ", "\u00a0", "\t", "\u200b"])
    def test_nothing_but_blanks_is_empty(self, text: str) -> None:
        assert read_findings(text) == read_findings("")
        assert [problem.code for problem in cell_reader(field(required=True))(text).problems] == ["C101"]

    def test_composed_and_decomposed_letters_are_one(self) -> None:
        assert cell_reader(FREE_LIST)("Mu\u0308ller").value == ("M\u00fcller",)


NAMIBIA = field(pattern="[A-Z]{2}")
PMID = field(pattern="[0-9]{1,8}")
OPEN = field()
LEVEL = field(type="number", minimum=0)


class TestWhatSpreadsheetsLeave:
    @pytest.mark.parametrize(
        "text",
        [
            *("01. Mrz", "1-Mar", "Mar-20", "03-Mrz", "3. Jan", "1. Sept", "1-janv", "10-dic-26", "March 1, 2026"),
            *("2026-03-01", "2026-03-01 00:00:00", "03/01/2026", "1/3/26", "01.03.2026", "01.03.", "01:30:00"),
            *("45352", "46025", "44563"),
        ],
    )
    @pytest.mark.parametrize("column", [OPEN, FREE_LIST])
    def test_dates(self, column: Field, text: str) -> None:
        expected = "C115" if column is FREE_LIST and text.isdecimal() else "C114"
        assert [problem.code for problem in cell_reader(column)(text).problems] == [expected]

    @pytest.mark.parametrize("column", [AGE, PMID, SEX, FINDING_LIST])
    def test_dates_in_closed_columns(self, column: Field) -> None:
        vocabulary = FINDINGS if column is FINDING_LIST else None
        assert [problem.code for problem in cell_reader(column, vocabulary)("1-Mar").problems] == ["C114"]

    @pytest.mark.parametrize(
        "text",
        ["1-3", "3/4", "20-30", "MAR1", "2010-2015", "47-52", "208", "may be 3 mar", "3 marbles", "1990", "12:30"],
    )
    def test_what_looks_a_little_like_a_date_is_read(self, text: str) -> None:
        assert cell_reader(OPEN)(text).value == text

    @pytest.mark.parametrize(
        ("column", "text", "nearest"),
        [
            (PMID, "3.5E+07", None),
            (PMID, "3,5E+07", None),
            (PMID, "35000000.0", "35000000"),
            (LEVEL, "3.50E+02", None),
            (OPEN, "2.00E+01", None),
            (OPEN, "208.0", "208"),
            (OPEN, "007", "7"),
            (OPEN, "4.6%", "4.6 %"),
            (FREE_LIST, "20", None),
            (FREE_LIST, "2D6; 20", None),
        ],
    )
    def test_rewritten_numbers(self, column: Field, text: str, nearest: str | None) -> None:
        (problem,) = cell_reader(column)(text).problems
        assert (problem.code, problem.nearest) == ("C115", nearest)

    @pytest.mark.parametrize(
        "text",
        ["#NAME?", "#REF!", "#N/A", "#NV", "#BEZUG!", "#DIV/0!", "######", "Err:508", "=A1+1", "TRUE", "False", "WAHR"],
    )
    @pytest.mark.parametrize("column", [OPEN, FREE_LIST, LEVEL, SEX, NAMIBIA])
    def test_formulas_and_truth_values(self, column: Field, text: str) -> None:
        assert [problem.code for problem in cell_reader(column)(text).problems] == ["C116"]

    @pytest.mark.parametrize(
        ("text", "meant"),
        [
            ("MÃ¼ller", "Müller"),
            ("MÃƒÂ¼ller", "Müller"),
            ("the patientâ€™s", "the patient’s"),
            ("M├╝ller", "Müller"),
            ("M√ºller", "Müller"),
            ("10 Âµg", "10 µg"),
        ],
    )
    @pytest.mark.parametrize("column", [OPEN, FREE_LIST, SEX])
    def test_scrambled_letters(self, column: Field, text: str, meant: str) -> None:
        (problem,) = cell_reader(column)(text).problems
        assert (problem.code, problem.nearest) == ("C117", meant)

    @pytest.mark.parametrize("text", ["M?ller", "?65 years", "10 ?g"])
    def test_lost_letters(self, text: str) -> None:
        assert [problem.code for problem in cell_reader(OPEN)(text).problems] == ["C117"]

    @pytest.mark.parametrize(
        "text", ["Müller, Ångström, naïve", "Is it kratom? No.", "µg – “quoted” …", "é”", "https://x.org/?a=1"]
    )
    def test_sound_letters_are_left_alone(self, text: str) -> None:
        assert cell_reader(OPEN)(text).value == text

    @pytest.mark.parametrize("text", ["NA", "n/a", "N/A", "nan", "NaN", "NULL", "-", "–", "?", "not stated", "unknown"])
    @pytest.mark.parametrize("column", [OPEN, FREE_LIST, LEVEL, SEX, PMID])
    def test_placeholders(self, column: Field, text: str) -> None:
        assert [problem.code for problem in cell_reader(column)(text).problems] == ["C118"]

    def test_a_placeholder_among_entries(self) -> None:
        assert [problem.code for problem in cell_reader(FREE_LIST)("asthma; n/a").problems] == ["C118"]

    def test_namibia_is_a_country(self) -> None:
        assert cell_reader(NAMIBIA)("NA").value == "NA"

    def test_a_point_between_thousands_is_possible_where_commas_are_decimal(self) -> None:
        (problem,) = cell_reader(LEVEL, decimal_comma=True)("1.710").problems
        assert (problem.code, problem.nearest) == ("C102", None)
        assert cell_reader(LEVEL, decimal_comma=True)("0.710").value == 0.71
        assert cell_reader(LEVEL)("1.710").value == 1.71

    def test_a_text_of_the_length_at_which_spreadsheets_cut(self) -> None:
        (problem,) = cell_reader(OPEN)("x" * 32_767).problems
        assert problem.code == "C113"
        assert "cut" in problem.why


# Text of the characters that lists and co-exposures are made of, so that structure is met often.
STRUCTURED = st.text(st.sampled_from("ab;,|/[]: \t\"'.-0129noe%°\u00a0\x00"), max_size=40)
# A letter in front, so that no entry is by chance a date, a number, a placeholder or the word none.
ENTRY = st.text(st.sampled_from("abcxyz AZ ü µ ≥ – 0123456789 ,.:'’/()%+-=#!"), max_size=20).map(
    lambda text: " ".join(f"q{text}".split())
)
DOSE = st.none() | ENTRY | ENTRY.map(lambda text: f"{text}; {text}")


@given(st.text() | STRUCTURED)
@settings(max_examples=400)
def test_no_text_makes_reading_fail(text: str) -> None:
    for read in ALL_READERS:
        reading = read(text)
        for problem in reading.problems:
            assert problem.why
            assert problem.mend


@given(st.lists(ENTRY, unique=True, max_size=6) | st.none())
def test_lists_come_back_as_they_were_written(entries: list[str] | None) -> None:
    value = None if entries is None else tuple(entries)
    reading = cell_reader(FREE_LIST)(format_cell(value))
    assert (reading.value, reading.problems) == (value, ())


@given(
    st.lists(
        st.builds(
            CoExposure,
            substance=st.sampled_from(sorted(DRUGS.names)),
            evidence=st.sampled_from([category.value for category in EVIDENCE]),
            timing=st.sampled_from([category.value for category in TIMING]),
            dose_text=DOSE,
        ),
        unique=True,
        max_size=5,
    )
)
def test_co_exposures_come_back_as_they_were_written(exposures: list[CoExposure]) -> None:
    reading = read_drugs(format_cell(tuple(exposures)))
    assert (reading.value, reading.problems) == (tuple(exposures), ())


@given(st.integers(0, 120), st.decimals(20, 46, places=2))
def test_numbers_come_back_as_they_were_written(age: int, temperature: object) -> None:
    assert cell_reader(AGE)(format_cell(age)).value == age
    assert cell_reader(TEMPERATURE)(str(temperature)).value == pytest.approx(float(str(temperature)), abs=0)


@given(st.lists(st.sampled_from(["tremor", "seizure", "agitation"]), unique=True))
def test_reading_a_list_never_turns_not_stated_into_none(entries: list[str]) -> None:
    text = "; ".join(entries)
    assert (read_findings(text).value is None) == (text == "")
    assert read_findings(text).value != ()
