"""Answers of the policy in Teams: the clauses that they cite, and what people think of them."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.feedback import Feedback
from tests.teams.desk import STAFF
from tests.teams.human import Human
from tests.teams.school import School, text_of

Json = Any
pytestmark = pytest.mark.timeout(30)
QUESTION = "May I name the school in a post?"

# Answers of the policy -----------------------------------------------------------------------


@pytest.mark.parametrize("place", ["dm", STAFF])
async def test_an_answer_cites_the_clauses_that_it_quotes(school: School, teacher: Human, place: str) -> None:
    await school.accepts(await teacher.says(place, QUESTION))

    answer = school.last(teacher, place)
    [citing] = school.cited(teacher, place)
    claims = [each["appearance"] for each in citing.citations]
    assert [each["position"] for each in citing.citations] == list(range(1, len(claims) + 1))
    assert claims[0]["name"].startswith("STF-4, ")
    for number, each in enumerate(claims, start=1):
        assert f"[{number}]" in citing.text
        assert f"— {each['name']}" in text_of(answer)
        assert len(each["abstract"]) <= 160
        assert each["abstract"].removesuffix("…") in text_of(answer)
    assert answer.feedback
    assert citing.thread == answer.thread


@pytest.mark.parametrize("text", ["help", "report", "my", "settings"])
async def test_what_is_no_answer_of_the_policy_cites_nothing(school: School, teacher: Human, text: str) -> None:
    await school.accepts(await teacher.says("dm", text))

    assert not school.cited(teacher)
    assert not school.last(teacher).text


# Votes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["dm", STAFF])
@pytest.mark.parametrize("like", [True, False])
async def test_a_vote_on_an_answer_is_kept_and_thanked_for(
    school: School, teacher: Human, place: str, like: bool
) -> None:
    await school.accepts(await teacher.says(place, QUESTION))
    said = len(school.fake.posted())

    await school.accepts(await teacher.votes(school.last(teacher, place), like=like))

    assert [each.good for each in await school.find(Feedback)] == [like]
    assert "Thank you" in teacher.notice
    assert len(school.fake.posted()) == said


async def test_a_vote_on_an_answer_counts_after_a_restart(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says("dm", QUESTION))
    await school.office.restarts()

    await school.accepts(await teacher.votes(school.last(teacher)))

    assert [each.good for each in await school.find(Feedback)] == [True]


async def test_the_same_vote_that_comes_again_counts_once(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says("dm", QUESTION))
    vote = await school.accepts(await teacher.votes(school.last(teacher)))

    again = await school.accepts(await school.fake.again(vote))
    await school.office.restarts()
    late = await school.accepts(await school.fake.again(vote))

    assert len(await school.find(Feedback)) == 1
    assert again.body == vote.body
    assert "Thank you" in late.body


async def test_a_vote_whose_client_sends_it_at_once_counts_as_well(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says("dm", QUESTION))
    vote = await teacher.votes(school.last(teacher))
    told = {"actionName": "feedback", "actionValue": {"reaction": "dislike", "feedback": '{"feedbackText":"x"}'}}

    delivery = await school.accepts(
        await teacher.forges({**vote.activity, "id": "f:plain", "name": "message/submitAction", "value": told})
    )

    assert delivery.answer == {}
    assert [each.good for each in await school.find(Feedback)] == [True, False]


@pytest.mark.parametrize("name", ["message/fetchTask", "message/submitAction"])
@pytest.mark.parametrize(
    "value",
    [
        None, {}, [], "like", {"data": []}, {"data": {"actionName": "feedback"}}, {"actionName": "feedback"},
        {"data": {"actionName": "feedback", "actionValue": {"reaction": "love"}}}, {"actionName": "other"},
        {"actionName": "feedback", "actionValue": {"reaction": ["like"]}}, {"actionName": "feedback", "actionValue": 7},
    ],
)  # fmt: skip
async def test_a_vote_that_says_nothing_counts_for_nothing(
    school: School, teacher: Human, name: str, value: Json
) -> None:
    await school.accepts(await teacher.says("dm", QUESTION))
    vote = await teacher.votes(school.last(teacher))

    await school.accepts(await teacher.forges({**vote.activity, "id": "f:odd", "name": name, "value": value}))

    assert len(await school.find(Feedback)) == 1


@pytest.mark.parametrize("message", ["", "1700000000000", "x" * 900])
async def test_a_vote_on_what_the_bot_did_not_say_is_not_counted(school: School, teacher: Human, message: str) -> None:
    await school.accepts(await teacher.says("dm", QUESTION))
    vote = await teacher.votes(school.last(teacher))

    delivery = await school.accepts(await teacher.forges({**vote.activity, "id": "f:odd", "replyToId": message}))

    assert "could not be counted" in delivery.body
    assert len(await school.find(Feedback)) == 1


async def test_a_vote_on_a_message_that_asked_for_none_is_not_counted(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says("dm", QUESTION))
    vote = await teacher.votes(school.last(teacher))
    await school.accepts(await teacher.says("dm", "my"))

    about = {**vote.activity, "id": "f:odd", "replyToId": school.last(teacher).id}
    delivery = await school.accepts(await teacher.forges(about))

    assert "could not be counted" in delivery.body
