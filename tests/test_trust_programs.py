"""A trust as a school runs it: `smpolicy` as processes of their own, one alone and two on one database."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from time import time
from zipfile import ZipFile

import pytest

from bot.__main__ import main
from bot.trust import path_of
from tests.neighbours import DALE, DALES_POLICY, HILL, TEAMS_APPS, Exchange, own_policy, workspace, write_trust
from tests.postgres import server
from tests.process import Growing, Program
from tests.setup.absence import without
from tests.simulator import ROOT
from tests.slack.desk import SLT
from tests.slack.process import School
from tests.slack.workspace import Call
from tests.stories.test_apply import AIM, TRAINED
from tests.stories.test_asking import OWN_POST
from tests.teams.issuer import TENANT
from tests.test_command_line import Server, smpolicy
from tests.test_policy_import_command import next_policy

CARD = "APP-1: SLT considering"
SECRETS = {
    f"{id.upper()}_{name}": f"{value}-{id}"
    for id in (HILL, DALE)
    for name, value in (("BOT_TOKEN", "xoxb"), ("SIGNING_SECRET", "secret-of"))
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the trust, which nobody changes."""
    made = tmp_path_factory.mktemp("trust")
    write_trust(made)
    own_policy(made)
    return made


def said(done: subprocess.CompletedProcess[str]) -> str:
    """Return what a call that went well printed."""
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one line of a call that could not be carried out."""
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr.strip()


# Commands about one school ---------------------------------------------------------------------


def test_where_it_matters_which_school_each_command_says_so_and_which_there_are(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for call in (
        ("ask", "may I?"), ("serve", "--local"), ("policy", "list"), ("policy", "show", "STF-4"),
        ("policy", "import", "next.docx"), ("manifest", "slack"), ("manifest", "teams"),
    ):  # fmt: skip
        assert main([*call, "--config", str(folder / "app.yaml")]) == 2
        assert capsys.readouterr() == (
            "", "smpolicy: which school? There are several; add --school with hill or dale.\n",
        )  # fmt: skip


@pytest.mark.parametrize(("named", "there"), [("hill", "bebington"), ("Bebington", "bebington")])
def test_of_a_lone_school_no_other_can_be_named(
    tmp_path: Path, named: str, there: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ask", "--config", str(ROOT / "app.yaml"), "--school", named, OWN_POST]) == 2
    assert capsys.readouterr().err == f"smpolicy: there is no school {named}; add --school with {there}.\n"


def test_a_lone_school_may_be_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "--config", str(ROOT / "app.yaml"), "--school", "bebington", OWN_POST]) == 0
    assert "[STF-4]" in capsys.readouterr().out


def test_each_school_answers_and_shows_its_own_policy(folder: Path) -> None:
    answer = json.loads(said(smpolicy("ask", "--school", DALE, "--json", OWN_POST, folder=folder)))
    clauses = {id: said(smpolicy("policy", "show", "stf-4", "--school", id, folder=folder)) for id in (HILL, DALE)}

    assert answer["policy"] == DALES_POLICY
    assert "Dale Academy" in clauses[DALE]
    assert "Bebington High School" in clauses[HILL]
    assert "Dale Academy" in said(smpolicy("policy", "list", "--school", DALE, folder=folder))


def test_slack_is_told_the_schools_own_address(folder: Path) -> None:
    call = ("manifest", "slack", "--school", DALE)

    over_http = said(smpolicy(*call, "--url", "https://bot.trust.example", folder=folder))

    assert over_http.count("https://bot.trust.example/schools/dale/slack/events") == 4
    assert "bot.trust.example" not in said(smpolicy(*call, folder=folder))
    assert "and /schools/dale/slack/events is added" in refused(
        smpolicy(*call, "--url", "https://bot.trust.example/dale", folder=folder)
    )


def test_the_package_for_teams_is_the_schools_own(tmp_path: Path) -> None:
    file = write_trust(tmp_path, (HILL,))
    with (tmp_path / "schools/hill.yaml").open("a", encoding="utf-8") as school:
        school.write("teams: {app_id: HILL_APP_ID, app_password: HILL_APP_PASSWORD, app_tenant_id: TENANT_ID}\n")
    teams = {"HILL_APP_ID": TEAMS_APPS[HILL], "HILL_APP_PASSWORD": "s", "TENANT_ID": TENANT}

    printed = said(smpolicy("manifest", "teams", "--config", str(file), folder=tmp_path, **teams))

    assert "/schools/hill/api/messages" in printed
    with ZipFile(tmp_path / "smpolicy-teams-hill.zip") as package:
        assert json.loads(package.read("manifest.json"))["bots"][0]["botId"] == TEAMS_APPS[HILL]


def test_check_reads_all_files_and_each_policy(folder: Path) -> None:
    printed = said(smpolicy("check", folder=folder, **SECRETS)).splitlines()

    assert printed[0] == "No mistakes: app.yaml, and 2 schools:"
    assert printed[1].startswith("hill: Hill School, Slack, and a policy of August 2017 with ")
    assert printed[2].startswith(f"dale: Dale Academy, Slack, and a policy of {DALES_POLICY} with ")


def test_check_names_the_mistakes_of_all_files_and_policies_at_once(tmp_path: Path) -> None:
    write_trust(tmp_path)
    policy = own_policy(tmp_path)
    (policy / "guidance.yaml").unlink()
    hill = tmp_path / "schools/hill.yaml"
    hill.write_text(hill.read_text(encoding="utf-8").replace("GB-ENG", "GB-HILL"), encoding="utf-8")

    done = smpolicy("check", folder=tmp_path)

    mistakes = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (2, "")
    assert mistakes[0].startswith("schools/hill.yaml line ")
    assert mistakes[1] == f"{policy / 'guidance.yaml'} can't be read: No such file or directory"
    assert smpolicy("serve", folder=tmp_path).returncode == 2


# The next policy -------------------------------------------------------------------------------


def test_the_next_policy_of_one_school_changes_nothing_for_another(tmp_path: Path) -> None:
    write_trust(tmp_path)
    policy = own_policy(tmp_path)
    before = (policy / "policy.md").read_text(encoding="utf-8")

    printed = said(
        smpolicy("policy", "import", str(next_policy(tmp_path)), "--school", DALE, "--write", folder=tmp_path)
    )

    assert f"Written to {policy / 'policy.md'}; the former text is kept as {policy / 'former'}" in printed
    assert f'make fit ARGS="{policy}"' in printed
    assert (policy / "policy.md").read_text(encoding="utf-8") != before
    assert "APPROVE ACCOUNT REQUESTS" not in said(smpolicy("policy", "list", "--school", HILL, folder=tmp_path)).upper()
    assert "APPROVE ACCOUNT REQUESTS" in said(smpolicy("policy", "list", "--school", DALE, folder=tmp_path)).upper()


def test_a_policy_that_others_go_by_is_changed_for_all_or_not_at_all(tmp_path: Path) -> None:
    """Whoever names a school does not change another's policy by accident."""
    write_trust(tmp_path)
    policy = own_policy(tmp_path)
    with (tmp_path / "schools/hill.yaml").open("a", encoding="utf-8") as school:
        school.write("policy: ../dale-policy\n")
    call = ("policy", "import", str(next_policy(tmp_path)), "--write")
    before = (policy / "policy.md").read_bytes()

    sentence = refused(smpolicy(*call, "--school", DALE, folder=tmp_path))
    untouched = (policy / "policy.md").read_bytes()
    printed = said(smpolicy(*call, "--school", DALE, "--for-all", folder=tmp_path))

    assert sentence.startswith(f"smpolicy: hill goes by the same policy as dale, {policy}. Add --for-all to change it")
    assert untouched == before
    assert "It is the policy of hill and dale." in printed
    assert said(smpolicy("policy", "list", folder=tmp_path))


# Serving ---------------------------------------------------------------------------------------


def test_with_nothing_set_up_there_is_nothing_to_serve(folder: Path) -> None:
    assert refused(smpolicy("serve", folder=folder)).startswith("smpolicy: there is nothing to serve.")


def test_a_school_alone_is_not_served(folder: Path) -> None:
    sentence = refused(smpolicy("serve", "--school", HILL, folder=folder, **SECRETS))

    assert sentence == "smpolicy: all schools are served; --school only says which of them --local tries out."


@pytest.fixture
def local(folder: Path, tmp_path: Path) -> Iterator[Server]:
    """Dale tried out on this machine."""
    running = Server(tmp_path, "--config", str(folder / "app.yaml"), "--data", str(tmp_path / "data"), "--school", DALE)
    yield running
    assert running.stop() == 0


def test_one_school_of_the_trust_is_tried_out(local: Server) -> None:
    """The others are served as they are, which is not at all."""
    assert local.process.stdout is not None
    served = [local.process.stdout.readline().strip() for _ in range(3)]

    assert served[:2] == ["hill: neither Slack nor Teams is set up", "dale: tried out on the local page"]
    assert served[2].endswith("(HTTP, /schools/dale/api/messages)")
    assert local.get("people")[0]["name"] == "Teacher of history in Dale"
    assert "Dale Academy" in local.says("history_teacher", OWN_POST)["text"]


# Two programs on one database ------------------------------------------------------------------


class InSlack(School):
    """A school of the trust in its Slack, beside the programs."""

    def __init__(self, folder: Path, id: str) -> None:
        super().__init__(folder)
        self.id = id
        self.fake = workspace(id, time)
        calls: Growing[Call] = Growing()
        self.fake.workspace.calls = calls
        self.until = calls.until

    def is_served_by(self, program: Program) -> None:
        """Have Slack call *program* from now on."""
        self.fake.app_url = f"{program.url}{path_of(self.id)}/slack/events"


async def applies(school: InSlack, programs: Iterator[Program]) -> None:
    """Have SLT asked for an account, with each answer heard by the next program, and again by the one after it."""
    teacher, runner = school.person("history_teacher"), school.person("pe_teacher")
    for answer, next_question in (
        ("apply", "aim of the account"), (AIM, "intended audience"), ("Parents and carers", "be promoted"),
        ("In the newsletter.", "run the account"), ("history_teacher, pe_teacher", "open or private/closed"),
        ("open", "Which platform"), ("X (Twitter)", "name or handle"), ("@History", "your draft"),
    ):  # fmt: skip
        school.is_served_by(next(programs))
        heard = await teacher.writes(answer)
        await teacher.hears(next_question)
        school.is_served_by(next(programs))
        assert (await school.fake.again(heard)).ok
        next(programs)
    await teacher.presses("Submit", on="your draft")
    for each in (teacher, runner):
        school.is_served_by(next(programs))
        await each.presses("Confirm", on="will you run")
        await each.fills(await each.sees_modal("trained"), trained=TRAINED)
    await school.person("deputy_head").hears(AIM, SLT)


@pytest.mark.skipif(without("postgres"), reason="without PostgreSQL, as was asked")
async def test_two_programs_serve_both_schools_from_one_database(folder: Path, tmp_path: Path) -> None:
    """Slack calls now the one and now the other: a form goes on where it stood, and SLT is asked once."""
    hill, dale = InSlack(tmp_path, HILL), InSlack(tmp_path, DALE)
    exchange = Exchange({"xoxb-hill": hill.fake, "xoxb-dale": dale.fake})
    store, config = server().database(), ("--config", str(folder / "app.yaml"))
    await exchange.open()
    programs = [
        Program(at, *config, SLACK_API_URL=exchange.api_url, SMPOLICY_STORE_URL=store, **SECRETS)
        for at in (tmp_path / "one", tmp_path / "other")
    ]
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    for school in (hill, dale):
        await school.open()
    try:
        await asyncio.gather(*(program.start() for program in programs))
        await asyncio.gather(applies(hill, cycle(programs)), applies(dale, cycle(reversed(programs))))

        for school in (hill, dale):
            assert len(school.read_by_all()[SLT]) == 1
            assert school.repeated_jobs() == []
            assert school.read_by_all()[school.account("pe_teacher")][0].startswith("APP-1: will you run @History")
        assert [await program.terminated() for program in programs] == [0, 0]
    finally:
        for program in programs:
            await program.over()
        for school in (hill, dale):
            await school.close()
        await exchange.close()
