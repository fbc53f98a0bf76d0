"""A message is cut where people would draw breath, and never into crumbs."""

from bot.domain.parts import considered, halves, sentences


def test_a_story_is_read_whole_and_sentence_by_sentence() -> None:
    story = "We were away all week. The coach broke down twice! May I post the pictures?"

    assert sentences(story) == [
        story, "We were away all week.", "The coach broke down twice!", "May I post the pictures?",
    ]  # fmt: skip


def test_one_sentence_is_only_itself() -> None:
    assert sentences("may I post the pictures") == ["may I post the pictures"]
    assert sentences("Hi. May I post the pictures?") == ["Hi. May I post the pictures?"]


def test_of_a_very_long_story_the_last_sentences_count() -> None:
    story = " ".join(f"This is sentence number {number}." for number in range(50))

    assert len(sentences(story)) == 5
    assert sentences(story)[-1] == "This is sentence number 49."


def test_a_double_question_is_cut_where_its_halves_are_most_even() -> None:
    first, *_ = halves("who approves a new account and who looks after the password, if there is one")

    assert first == ("who approves a new account ", " who looks after the password, if there is one")


def test_a_simple_question_has_no_halves() -> None:
    assert halves("may I post a photo of my class") == []
    assert halves("dogs and cats") == []


def test_of_a_long_text_beginning_and_end_are_considered() -> None:
    text = considered(f"begin {'x' * 5_000} end", 100)

    assert text.startswith("begin")
    assert text.endswith("end")
    assert len(text) <= 101
