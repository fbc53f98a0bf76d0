"""The command line from outside: every call is a process of its own, as a school starts it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from bot.app import App, TextMistakes, read_texts
from bot.domain.policy import Policy
from tests.simulator import ROOT, sample_settings

Json = Any
# Not the goals, but far above them: a machine that runs other tests beside these is slow.
STARTED_WITHIN = 15.0
DRAINED_WITHIN = 10.0
SETTINGS = re.compile(r"SMPOLICY_|SLACK_|TEAMS_|MICROSOFT_|PYTHON")


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return *variables* on top of what is set here, less what the program itself would hear."""
    kept = {name: value for name, value in os.environ.items() if not SETTINGS.match(name)}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **variables}


def smpolicy(
    *arguments: str, stdin: str | bytes = "", folder: Path = ROOT, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Carry out one command to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True, cwd=folder, env=environment(variables), timeout=60, check=False,
    )  # fmt: skip
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def smpolicy_each(*calls: Sequence[str]) -> list[subprocess.CompletedProcess[str]]:
    """Carry out several commands at once."""
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda call: smpolicy(*call), calls))


class Server:
    """`smpolicy serve --local` as a process, at a port of its own; *log* is what it wrote to standard error."""

    def __init__(self, folder: Path, *options: str, **variables: str) -> None:
        self._log = folder / f"{folder.name}.log"
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot", "serve", "--local", "--port", "0", *options],
                stdout=subprocess.PIPE, stderr=log, cwd=folder, env=environment(variables), text=True,
            )  # fmt: skip
        assert self.process.stdout is not None
        self.said = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", self.said)
        assert found, f"it printed no address but {self.said!r}, and {self.log}"
        self.port = int(found[1])

    @property
    def log(self) -> str:
        """Return what it wrote to standard error so far."""
        return self._log.read_text(encoding="utf-8")

    def call(
        self, method: str, path: str, body: Json = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Json]:
        """Return status and document of one call; *body* is sent as JSON unless it is bytes."""
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
            connection.request(method, path, raw, dict(headers or {}))
            response = connection.getresponse()
            answer = response.read()
        kind = response.headers.get_content_type()
        return response.status, json.loads(answer) if kind == "application/json" and answer else answer.decode()

    def get(self, path: str) -> Json:
        """Return what the API answers to a call that has to succeed."""
        status, answer = self.call("GET", f"/local/api/{path}")
        assert status == 200, answer
        return answer

    def post(self, path: str, **body: Json) -> Json:
        """Return what the API answers to *body*, in which `as_` and `in_` stand for `as` and `in`."""
        status, answer = self.call("POST", f"/local/api/{path}", {key.rstrip("_"): body[key] for key in body})
        assert status == 200, answer
        return answer

    def says(self, person: str, text: str, place: str = "dm") -> Json:
        """Have *person* type *text*; return the last message that arrived because of it."""
        return self.post("say", as_=person, in_=place, text=text)["messages"][-1]

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send it a signal and return its exit code."""
        self.process.send_signal(how)
        return self.ended()

    def ended(self, within: float = DRAINED_WITHIN) -> int:
        """Return its exit code once it has ended by itself."""
        code = self.process.wait(within)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


@contextmanager
def serving(folder: Path, *options: str, **variables: str) -> Iterator[Server]:
    """Serve for a while, with the data in *folder* unless *options* say otherwise."""
    server = Server(folder, *(options or ("--data", str(folder / "records"))), **variables)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.stop(signal.SIGKILL)


def assert_one_line(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """Assert that a call ended with 2 and one line on standard error that holds *words*."""
    assert (done.returncode, done.stdout) == (2, ""), done.stdout + done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert not [word for word in words if word not in done.stderr], done.stderr


# serve -----------------------------------------------------------------------------------------


def test_serve_prints_its_address_and_the_page_answers_soon(tmp_path: Path) -> None:
    begun = time.monotonic()

    with serving(tmp_path) as server:
        status, page = server.call("GET", "/")
        seconds = time.monotonic() - begun

        assert status == 200
        assert page.lower().startswith("<!doctype html>")
        assert seconds < STARTED_WITHIN


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_the_request_under_way_finish(tmp_path: Path, how: signal.Signals) -> None:
    body = json.dumps({"as": "dsl", "in": "dm", "text": "who approves a new account"}).encode()
    head = f"POST /local/api/say HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"

    with serving(tmp_path) as server, closing(socket.create_connection(("127.0.0.1", server.port), 30)) as line:
        line.sendall(head.encode() + b"Expect: 100-continue\r\n\r\n")
        assert b"100 Continue" in line.recv(1000)  # so the program is at it
        line.sendall(body)
        assert server.stop(how) == 0
        answer = line.recv(100_000)

    assert answer.startswith(b"HTTP/1.1 200")
    assert b"What the policy says" in answer


def test_a_signal_ends_a_request_that_never_finishes(tmp_path: Path) -> None:
    with serving(tmp_path) as server, closing(socket.create_connection(("127.0.0.1", server.port), 30)) as line:
        line.sendall(b"POST /local/api/say HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n")
        line.sendall(b"Expect: 100-continue\r\n\r\n")
        assert b"100 Continue" in line.recv(1000)

        assert server.stop() == 0


def test_what_was_answered_outlives_a_kill(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        server.says("pe_teacher", "/smpolicy apply")
        asked = server.says("pe_teacher", "To show what the department does each week")
        before = server.get("messages?as=pe_teacher&in=dm")
        server.stop(signal.SIGKILL)

    with serving(tmp_path) as server:
        after = server.get("messages?as=pe_teacher&in=dm")
        assert after == before
        assert [each["name"] for each in asked["form"]["fields"]] == ["audience"]
        following = server.says("pe_teacher", "Staff")
        assert [each["name"] for each in following["form"]["fields"]] == ["promotion"]


def test_a_second_program_on_the_same_data_is_told_so(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        second, same_port = smpolicy_each(
            ("serve", "--local", "--port", "0", "--data", str(tmp_path / "records")),
            ("serve", "--local", "--port", str(server.port), "--data", str(tmp_path / "others")),
        )

    assert_one_line(second, "already", "records")
    assert_one_line(same_port, f"port {server.port}", "in use")


def test_logs_are_json_lines_without_what_was_typed(tmp_path: Path) -> None:
    typed = "xylophonequark"
    with serving(tmp_path, SMPOLICY_LOG="debug") as server:
        message = server.says("dsl", f"may I post {typed}")
        session = server.says("dsl", "/smpolicy apply")["form"]["session"]
        calls: tuple[tuple[str, Json], ...] = (
            ("press", {"as": "dsl", "message": message["id"], "button": typed}),
            ("press", {"as": "dsl", "message": typed, "button": "Approve"}),
            ("say", {"as": typed, "in": "dm", "text": typed}),
            ("say", {"as": "dsl", "in": typed, "text": typed}),
            ("say", f'{{"{typed}'.encode()),
            ("submit", {"as": "dsl", "session": session, "values": {typed: typed, "aim": typed, "openness": typed}}),
            ("say", {"as": "dsl", "in": "dm", "text": f"my password is {typed}99!"}),
            ("say", {"as": "dsl", "in": "dm", "text": f"/smpolicy {typed}"}),
        )
        for path, body in calls:
            status, _ = server.call("POST", f"/local/api/{path}", body)
            assert status in (200, 404, 422)
        assert server.stop() == 0
        lines = [json.loads(line) for line in server.log.splitlines()]

    assert lines
    assert all({"at", "level", "name", "event"} <= line.keys() for line in lines)
    assert typed not in str(lines)


def test_data_overrides_the_environment_which_overrides_the_file(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    url = f"tinydb:{there}"

    with serving(tmp_path, "--data", str(here), SMPOLICY_STORE_URL=url):
        assert here.is_dir()
        assert not there.exists()

    with serving(tmp_path, "--config", str(ROOT / "app.yaml"), SMPOLICY_STORE_URL=url):
        assert there.is_dir()
        assert not (tmp_path / "data").exists()

    with serving(tmp_path, "--config", str(ROOT / "app.yaml")):
        assert (tmp_path / "data").is_dir()


APP_ID = "3f2c1a0e-9b8d-4c7e-8a61-5d4f3e2b1a09"
TEAMS = {
    "MICROSOFT_APP_ID": APP_ID,
    "MICROSOFT_APP_TENANT_ID": "72f988bf-86f1-41af-91ab-2d7cd011db47",
    "MICROSOFT_APP_PASSWORD": "hunter",
    # Nobody is there: what is checked here needs no keys.
    "TEAMS_OPENID_METADATA_URL": "http://127.0.0.1:9/keys",
    "TEAMS_TOKEN_URL": "http://127.0.0.1:9/token",
}
HELLO = {
    "type": "message", "id": "1", "text": "help", "channelId": "msteams", "serviceUrl": "https://smba.trafficmanager.net/uk/",
    "conversation": {"id": "a:1"}, "from": {"id": "29:1"}, "recipient": {"id": "28:1"},
}  # fmt: skip


def test_teams_is_served_where_it_is_configured(tmp_path: Path) -> None:
    with serving(tmp_path, **TEAMS) as server:
        assert server.process.stdout is not None
        said = server.process.stdout.readline()

        assert said.startswith("Teams: ")
        assert TEAMS["MICROSOFT_APP_TENANT_ID"] in said
        assert server.call("POST", "/api/messages", HELLO)[0] == 401
        assert server.call("GET", "/api/messages")[0] == 405
        assert server.stop() == 0
    assert "hunter" not in server.log


def test_without_an_app_id_teams_is_served_to_this_machine_alone(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        assert server.process.stdout is not None
        said = server.process.stdout.readline()
        forwarded = {"X-Forwarded-For": "192.0.2.1"}

        assert said.startswith("Teams: ")
        assert "this machine" in said
        assert server.call("POST", "/api/messages", HELLO, forwarded)[0] == 403


def test_check_and_serve_name_every_mistake_about_teams(tmp_path: Path) -> None:
    wrong = {**TEAMS, "MICROSOFT_APP_TYPE": "MultiTenant", "TEAMS_TOKEN_ISSUER": "hunter", "MICROSOFT_APP_ID": "hunter"}

    checked = smpolicy("check", folder=ROOT, **wrong)
    served = smpolicy("serve", "--data", str(tmp_path / "data"), folder=ROOT, **wrong)

    for done in (checked, served):
        assert (done.returncode, done.stdout) == (2, "")
        for variable in ("MICROSOFT_APP_TYPE", "TEAMS_TOKEN_ISSUER", "MICROSOFT_APP_ID"):
            assert f"environment: {variable}: " in done.stderr
        assert "hunter" not in done.stderr
    assert not (tmp_path / "data").exists()


def test_what_teams_lacks_is_a_warning(tmp_path: Path) -> None:
    left = {name: value for name, value in TEAMS.items() if name != "MICROSOFT_APP_PASSWORD"}

    checked = smpolicy("check", folder=ROOT, **left)
    served = smpolicy("serve", "--data", str(tmp_path / "data"), folder=ROOT, **left)

    assert (checked.returncode, served.returncode) == (0, 2)
    assert "warning: app.yaml" in checked.stderr
    assert "Teams stays off: it needs MICROSOFT_APP_PASSWORD as well" in checked.stderr
    assert_one_line(served, "nothing to serve", "smpolicy check", "--local")


REFUSALS = {
    ("--local", "--host", "0.0.0.0"): ("--local", "0.0.0.0"),
    (): ("nothing to serve", "--local"),
    ("--local", "--data", "app.yaml"): ("app.yaml", "can't be used"),
    ("--port", "65536"): ("65536",),
}


def test_serve_says_in_one_line_why_it_does_not_start() -> None:
    refused = smpolicy_each(*(("serve", *options) for options in REFUSALS))

    for done, words in zip(refused, REFUSALS.values(), strict=True):
        assert_one_line(done, *words)


# ask -------------------------------------------------------------------------------------------

KEYS = ["id", "kind", "policy", "passages", "conflict", "route", "related"]


def assert_answer(answer: Json, policy: Policy) -> None:
    """Assert that *answer* is of the form that scripts rely on."""
    assert list(answer) == KEYS
    assert answer["kind"] in ("answer", "silent", "urgent")
    assert answer["policy"] == policy.version
    assert isinstance(answer["conflict"], bool)
    assert answer["route"] is None or isinstance(answer["route"], str)
    assert (answer["route"] is None) == (answer["kind"] == "answer")
    assert len(answer["passages"]) <= 3
    assert bool(answer["passages"]) == (answer["kind"] != "silent") or answer["kind"] == "urgent"
    texts = {clause.id: clause.text for clause in policy.clauses}
    assert set(answer["related"]) <= texts.keys()
    for passage in answer["passages"]:
        assert set(passage) - {"clauses"} == {"clause", "heading", "text"}
        ids = passage.get("clauses", [passage["clause"]])
        assert ids[0] == passage["clause"]
        assert [line.removeprefix("- ") for line in passage["text"].splitlines()] == [texts[id] for id in ids]


def test_ask_prints_the_rule_word_for_word() -> None:
    done = smpolicy("ask", "may", "I", "name", "the", "school", "in", "a", "post")

    assert done.returncode == 0
    assert "[STF-4]" in done.stdout
    assert "The name of Bebington High School should not be included in any post" in done.stdout
    assert "August 2017" in done.stdout
    assert done.stderr == ""


def test_ask_json_is_one_line_for_an_empty_question_too() -> None:
    for done in smpolicy_each(("ask", "--json", "may I name the school in a post"), ("ask", "--json", "")):
        assert done.returncode == 0
        assert done.stdout.count("\n") == 1
        assert_answer(json.loads(done.stdout), read_texts().policy)


def test_ask_jsonl_answers_each_line_and_names_the_bad_ones() -> None:
    questions: tuple[Json, ...] = (
        {"id": "answer", "q": "may I name the school in a post"},
        {"id": "silent", "q": "where can I park my car"},
        {"id": "urgent", "q": "a pupil told me she wants to kill herself"},
        {"id": "list", "q": "what does a business case for a new account have to cover"},
        {"id": "empty", "q": ""},
        {"id": "long", "q": "may I name the school " * 900 + "?"},
        {"id": "odd", "q": "🙈\u0000\u202e﷽ \\ \" ' <b>"},
        {"id": 7, "q": "hello", "more": []},
    )
    bad = ("nope", "[]", "3", "null", '"q"', '{"id": "x"}', '{"q": "x"}', '{"id": "x", "q": 5}', "{")
    lines = [*(json.dumps(each) for each in questions), "", *bad]

    done = smpolicy("ask", "--jsonl", stdin="\n".join(lines))

    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["id"] for each in answers] == [each["id"] for each in questions]
    assert [each["kind"] for each in answers[:3]] == ["answer", "silent", "urgent"]
    assert len(questions[5]["q"]) > 19_000
    for answer in answers:
        assert_answer(answer, read_texts().policy)
    assert "clauses" in str(answers[3]["passages"])
    assert re.findall(r"line (\d+)", done.stderr) == [str(len(questions) + 2 + n) for n in range(len(bad))]
    assert done.stderr.count("\n") == len(bad)
    assert done.returncode == 2


def test_ask_jsonl_goes_on_after_a_line_that_can_not_be_read() -> None:
    """Python's standard input is strict wherever the locale is not C, so it is made strict here."""
    bad = (b'{"id": "\\ud800", "q": "hello"}', b"[" * 100_000, b'\xff{"id": "x", "q": "hello"}')
    good = b'{"id": "good", "q": "hello"}'

    done = smpolicy("ask", "--jsonl", stdin=b"\n".join((*bad, good)), PYTHONIOENCODING="utf-8:strict")

    assert "Traceback" not in done.stderr
    assert [json.loads(each)["id"] for each in done.stdout.splitlines()][-1] == "good"
    assert done.returncode in (0, 2)


def test_clauses_are_printed_where_the_terminal_knows_no_dashes() -> None:
    done = smpolicy("policy", "show", "A1P-2", PYTHONIOENCODING="ascii", PYTHONUTF8="0")

    assert "Traceback" not in done.stderr
    assert done.returncode == 0


# check -----------------------------------------------------------------------------------------


def test_check_finds_no_mistakes_in_the_sample() -> None:
    done = smpolicy("check")

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("No mistakes")
    assert done.stderr == ""


BROKEN = {
    "timezone: Europe/London": "timezone: Europe/Liverpool",
    "country: GB-ENG ": "colour: red ",
    "- {name: Christmas, from: 2026-12-19": "- {name: Christmas, from: 2026-13-19",
    "- id: pe_teacher": "- id: history_teacher",
    "roles: [staff, dsl]": "roles: [staff]",
    "minutes: 5": "minutes: soon",
    'phone: "07700 900102"': 'phone: "07700 900102"\n    token: xoxb-1234567890-abcdefghij',
}


def test_check_and_serve_name_every_mistake_with_its_place(tmp_path: Path) -> None:
    text = (ROOT / "app.yaml").read_text(encoding="utf-8")
    for right, wrong in BROKEN.items():
        assert right in text
        text = text.replace(right, wrong, 1)
    config = tmp_path / "app.yaml"
    config.write_text(text, encoding="utf-8")
    lines = text.splitlines()

    def place(words: str) -> str:
        return f"app.yaml line {next(number for number, line in enumerate(lines, 1) if words in line)}: "

    checked = smpolicy("check", "--config", str(config), SMPOLICY_LOG="loud")
    served = smpolicy("serve", "--local", "--config", str(config), "--data", str(tmp_path / "data"))

    for done in (checked, served):
        assert done.returncode == 2
        assert done.stdout == ""
        for words in ("Liverpool", "colour", "2026-13-19", "minutes: soon", "xoxb"):
            assert place(words) in done.stderr, words
        assert "history_teacher" in done.stderr
        assert "dsl" in done.stderr
        assert "xoxb" not in done.stderr
        assert "Traceback" not in done.stderr
    assert "SMPOLICY_LOG" in checked.stderr
    assert not (tmp_path / "data").exists()


def test_check_without_a_file_says_so() -> None:
    assert_one_line(smpolicy("check", "--config", "nowhere.yaml"), "nowhere.yaml", "no such file")


def test_mistakes_in_the_policys_text_are_all_named_and_nothing_starts(tmp_path: Path) -> None:
    folder = tmp_path / "policy_text"
    shutil.copytree(ROOT / "policy_text", folder)
    policy = folder / "policy.md"
    text = policy.read_text(encoding="utf-8")
    assert "Version: August 2017" in text
    policy.write_text(text.replace("Version: August 2017", "").replace("[INT-2] ", ""), encoding="utf-8")
    (folder / "guidance.yaml").unlink()

    with pytest.raises(TextMistakes) as read:
        read_texts(folder)
    with pytest.raises(TextMistakes):
        App(sample_settings(tmp_path / "data"), policy_text=folder)

    assert [word for word in ("version", "no clause id", "guidance.yaml") if word not in str(read.value)] == []
    assert not (tmp_path / "data").exists()


# policy, and everything else -------------------------------------------------------------------


def test_policy_list_and_show_have_the_clauses() -> None:
    listed, shown = smpolicy_each(("policy", "list"), ("policy", "show", "stf-4"))

    assert listed.returncode == shown.returncode == 0
    assert [line.split()[0] for line in listed.stdout.splitlines() if re.match(r"[A-Z0-9]+-\d+ ", line)] == [
        clause.id for clause in read_texts().policy.clauses
    ]
    assert "STF-4" in shown.stdout
    assert "should not be included in any post made on a personal account." in shown.stdout


def test_manifest_slack_prints_what_is_pasted_into_slack(tmp_path: Path) -> None:
    file = tmp_path / "manifest.json"
    url = "https://smpolicy.school.example"

    socket_mode, http, written = smpolicy_each(
        ("manifest", "slack"),
        ("manifest", "slack", "--url", url),
        ("manifest", "slack", "--url", f"{url}/", "--out", str(file)),
    )

    assert [done.stderr for done in (socket_mode, http, written)] == ["", "", ""]
    assert [done.returncode for done in (socket_mode, http, written)] == [0, 0, 0]
    assert json.loads(socket_mode.stdout)["settings"]["socket_mode_enabled"] is True
    assert "request_url" not in socket_mode.stdout
    assert json.loads(http.stdout)["settings"]["interactivity"]["request_url"] == f"{url}/slack/events"
    assert file.read_text(encoding="utf-8") == http.stdout
    assert "xoxb" not in http.stdout
    assert str(file) in written.stdout


def test_a_manifest_that_can_not_be_made_or_written_is_one_line(tmp_path: Path) -> None:
    missing = str(tmp_path / "nowhere" / "manifest.json")

    unwritable, folder, insecure, unset, nonsense = smpolicy_each(
        ("manifest", "slack", "--out", missing),
        ("manifest", "slack", "--out", str(tmp_path)),
        ("manifest", "slack", "--url", "http://smpolicy.school.example"),
        ("manifest", "slack", "--url", ""),
        ("manifest", "nonsense"),
    )

    assert_one_line(unwritable, missing)
    assert_one_line(folder, str(tmp_path))
    assert_one_line(insecure, "http://smpolicy.school.example", "https://")
    assert_one_line(unset, "https://")
    assert_one_line(nonsense, "nonsense")
    assert list(tmp_path.iterdir()) == []


def test_manifest_teams_writes_what_is_uploaded_to_teams(tmp_path: Path) -> None:
    file = tmp_path / "package.zip"
    page, own = "https://school.example/policy", version("smpolicy")

    named = smpolicy(
        "manifest", "teams", "--url", page, "--app-version", "2.0.1", "--out", str(file), MICROSOFT_APP_ID=APP_ID
    )
    plain = smpolicy("manifest", "teams", folder=tmp_path, MICROSOFT_APP_ID=APP_ID.upper())

    assert [(done.returncode, done.stderr) for done in (named, plain)] == [(0, ""), (0, "")]
    assert [
        word for word in (str(file), "2.0.1", APP_ID, page, "admin.teams.microsoft.com") if word not in named.stdout
    ] == []
    assert [word for word in ("smpolicy-teams.zip", own, "www.example.com", "--url") if word not in plain.stdout] == []
    for written, expected in ((file, "2.0.1"), (tmp_path / "smpolicy-teams.zip", own)):
        with ZipFile(written) as archive:
            assert archive.namelist() == ["manifest.json", "color.png", "outline.png"]
            made = json.loads(archive.read("manifest.json"))
        assert (made["id"], made["bots"][0]["botId"], made["version"]) == (APP_ID, APP_ID, expected)
        assert made["developer"]["name"] == "Bebington High Sports College"


def test_a_school_of_a_trust_gets_a_package_of_its_own(tmp_path: Path) -> None:
    config = tmp_path / "app.yaml"
    text = (ROOT / "app.yaml").read_text(encoding="utf-8")
    config.write_text(f"{text}\nteams: {{app_id: HILL_ID}}\n", encoding="utf-8")

    done = smpolicy("manifest", "teams", folder=tmp_path, HILL_ID=APP_ID)

    assert done.returncode == 0, done.stderr
    with ZipFile(tmp_path / "smpolicy-teams.zip") as archive:
        assert json.loads(archive.read("manifest.json"))["id"] == APP_ID


def test_an_app_package_that_can_not_be_made_or_written_is_one_line(tmp_path: Path) -> None:
    missing = str(tmp_path / "nowhere" / "package.zip")
    known = {"MICROSOFT_APP_ID": APP_ID}

    assert_one_line(smpolicy("manifest", "teams", folder=tmp_path), "MICROSOFT_APP_ID")
    assert_one_line(smpolicy("manifest", "teams", folder=tmp_path, MICROSOFT_APP_ID="nonsense"), "MICROSOFT_APP_ID")
    assert_one_line(smpolicy("manifest", "teams", "--out", missing, folder=tmp_path, **known), missing)
    assert_one_line(smpolicy("manifest", "teams", "--url", "http://school.example", folder=tmp_path, **known), "https")
    assert_one_line(smpolicy("manifest", "teams", "--app-version", "1", folder=tmp_path, **known), "1.0.0")
    assert list(tmp_path.iterdir()) == []


def test_a_call_that_makes_no_sense_is_one_line() -> None:
    calls = ("", "nonsense", "serve --nonsense", "ask", "policy show NON-1")

    for done in smpolicy_each(*(call.split() for call in calls)):
        assert_one_line(done, "smpolicy: ")


def test_a_reader_who_goes_away_is_no_mistake() -> None:
    reading, writing = os.pipe()
    os.close(reading)  # gone before the first word
    with os.fdopen(writing, "wb") as pipe:
        command = [sys.executable, "-m", "bot", "policy", "show", "STF-4"]
        done = subprocess.run(
            command, stdout=pipe, stderr=subprocess.PIPE, cwd=ROOT, env=environment({}), timeout=60, check=False
        )

    assert (done.returncode, done.stderr) == (0, b"")
