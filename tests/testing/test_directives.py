from wellspent.testing.provider.directives import Directives, parse_block, read_directives, strings_of


def said(text: str, header: str = "", name: str = "") -> dict[str, str]:
    payload = {"messages": [{"role": "user", "content": text}]}
    return read_directives(payload, text.encode(), header, name).values


def test_a_block_holds_names_with_values_and_bare_names() -> None:
    assert parse_block(" status=429; html ;; retry_after = 2") == {"status": "429", "html": "1", "retry_after": "2"}


def test_the_input_of_a_tool_takes_the_rest_with_its_semicolons() -> None:
    assert parse_block('tool=Bash; tool_input={"command": "a; b"}') == {"tool": "Bash", "tool_input": '{"command": "a; b"}'}


def test_directives_are_read_from_text_and_header_and_the_header_wins() -> None:
    assert said("x [[fake: chunks=3; cached=1]] y [[fake: cached=2]]", "chunks=9") == {"chunks": "9", "cached": "2"}
    assert said("no directive", "") == {}


def test_directives_for_another_provider_are_not_followed() -> None:
    assert said("[[fake: at=a; status=500]] [[fake: cached=2]]", name="b") == {"cached": "2"}
    assert said("[[fake: at=a; status=500]]", name="a") == {"at": "a", "status": "500"}


def test_values_that_are_no_numbers_count_as_the_default() -> None:
    found = Directives({"a": "x", "b": "7", "c": "0", "d": "1.5", "e": "-3"})
    assert (found.number("a", 4), found.number("b"), found.number("none")) == (4, 7, 0)
    assert (found.on("c"), found.on("a"), found.on("none")) == (False, True, False)
    assert (found.seconds("d"), found.seconds("b", 1000), found.seconds("a"), found.seconds("e")) == (1.5, 0.007, 0.0, 0.0)


def test_strings_come_in_the_order_they_stand() -> None:
    assert list(strings_of({"a": ["1", {"b": "2"}, 3], "c": "4"})) == ["1", "2", "4"]
