"""The settings of a trust: many schools' files and secrets, and how each mistake in them is named."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.settings.choosing import SchoolNotSaid, ids_of, school_called
from bot.settings.load import Settings, SettingsMistakes
from bot.settings.shapes import TrustSettings
from bot.settings.trust import load_deployment, sections
from tests.test_settings import SAMPLE, TENANT

SLACK = "slack: {{bot_token: {0}_BOT_TOKEN, signing_secret: {0}_SIGNING_SECRET}}\n"
TEAMS = "teams: {{app_id: {0}_APP_ID, app_password: {0}_APP_PASSWORD, app_tenant_id: TENANT_ID}}\n"
SLT = 'channels: {slt: {teams: "19:slt@thread.tacv2"}}\n'
HILL_APP, DALE_APP = "3f2c1a0e-9b8d-4c7e-8a61-5d4f3e2b1a01", "3f2c1a0e-9b8d-4c7e-8a61-5d4f3e2b1a02"


def school(id: str, more: str = "") -> str:
    """Return the file of a school."""
    return SAMPLE.replace("id: hill\n", f"id: {id}\n").replace("Hill School", f"{id.title()} School") + more


class Trust:
    """A folder with an app.yaml and a folder of schools' files in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "schools").mkdir()
        self.has("app.yaml", "schools: schools\n")

    def has(self, name: str, text: str | bytes) -> None:
        """Write a file."""
        (self.folder / name).write_bytes(text.encode() if isinstance(text, str) else text)

    def deployment(
        self, environment: Mapping[str, str] | None = None, data: Path | None = None
    ) -> Settings | TrustSettings:
        """Return what the files say."""
        return load_deployment(self.folder / "app.yaml", environment or {}, data=data)

    def load(self, environment: Mapping[str, str] | None = None, data: Path | None = None) -> TrustSettings:
        """Return what the files of the trust say."""
        loaded = self.deployment(environment, data)
        assert isinstance(loaded, TrustSettings)
        return loaded

    def mistakes(self, environment: Mapping[str, str] | None = None) -> list[str]:
        """Return what is wrong with the files."""
        with pytest.raises(SettingsMistakes) as raised:
            self.deployment(environment)
        return list(raised.value.mistakes)

    def ids(self) -> list[str]:
        """Return the ids of the schools."""
        return [each.school.id for each in self.load().schools]


@pytest.fixture
def trust(tmp_path: Path) -> Trust:
    return Trust(tmp_path)


# What may be said ------------------------------------------------------------------------------


def test_a_folder_holds_a_file_for_each_school(trust: Trust) -> None:
    trust.has("schools/hill.yaml", school("hill"))
    trust.has("schools/dale.yaml", school("dale"))
    trust.has("schools/.dale.yaml", "a copy that an editor left")
    trust.has("schools/notes.txt", "no settings")

    assert trust.ids() == ["dale", "hill"]


def test_a_list_names_the_files_in_their_order(trust: Trust) -> None:
    trust.has("app.yaml", "schools: [schools/hill.yaml, dale.yaml]\n")
    trust.has("schools/hill.yaml", school("hill"))
    trust.has("schools/fell.yaml", school("fell"))
    trust.has("dale.yaml", school("dale"))

    assert trust.ids() == ["hill", "dale"]


def test_each_school_has_its_own_and_all_share_the_store(trust: Trust) -> None:
    trust.has("app.yaml", "schools: schools\nstore: {url: 'postgresql://db/smpolicy'}\n")
    trust.has("schools/hill.yaml", school("hill"))
    trust.has("schools/dale.yaml", school("dale").replace("GB-ENG", "GB-SCT").replace("id: teacher", "id: maths"))

    loaded = trust.load({"SMPOLICY_LOG": "debug", "SMPOLICY_METRICS_TOKEN": "let-me-read"})

    dale, hill = loaded.schools
    assert (dale.school.country, hill.school.country) == ("GB-SCT", "GB-ENG")
    assert (dale.persons[0].id, hill.persons[0].id) == ("maths", "teacher")
    assert {each.store_url for each in (loaded, dale, hill)} == {"postgresql://db/smpolicy"}
    assert {each.log_level for each in (loaded, dale, hill)} == {"debug"}
    assert loaded.metrics_token == "let-me-read"
    assert "let-me-read" not in repr(loaded)


def test_the_environment_and_the_call_override_the_store_of_all(trust: Trust) -> None:
    trust.has("schools/hill.yaml", school("hill"))

    assert trust.load().store_url == "tinydb:data"
    assert trust.load({"SMPOLICY_STORE_URL": "tinydb:here"}).store_url == "tinydb:here"
    assert trust.load({"SMPOLICY_STORE_URL": "tinydb:here"}, Path("there")).store_url == "tinydb:there"


def test_each_school_names_its_own_secrets(trust: Trust) -> None:
    for id in ("hill", "dale"):
        trust.has(f"schools/{id}.yaml", school(id, SLACK.format(id.upper())))
    secrets = {f"{id}_{name}": f"{id}-{name}" for id in ("HILL", "DALE") for name in ("BOT_TOKEN", "SIGNING_SECRET")}

    dale, hill = trust.load(secrets).schools

    assert dale.slack is not None
    assert hill.slack is not None
    assert (dale.slack.bot_token, dale.slack.signing_secret) == ("DALE-BOT_TOKEN", "DALE-SIGNING_SECRET")
    assert (hill.slack.bot_token, hill.slack.signing_secret) == ("HILL-BOT_TOKEN", "HILL-SIGNING_SECRET")


def test_a_school_whose_secrets_are_not_set_yet_keeps_no_other_waiting(trust: Trust) -> None:
    for id in ("hill", "dale"):
        trust.has(f"schools/{id}.yaml", school(id, SLACK.format(id.upper())))

    dale, hill = trust.load({"HILL_BOT_TOKEN": "xoxb-1", "HILL_SIGNING_SECRET": "s"}).schools

    assert dale.slack is None
    assert hill.slack is not None


def test_schools_of_one_tenant_share_its_name_and_nothing_else(trust: Trust) -> None:
    for id in ("hill", "dale"):
        trust.has(f"schools/{id}.yaml", school(id, f"{TEAMS.format(id.upper())}{SLT}staff: listed\n"))
    apps = {"HILL_APP_ID": HILL_APP, "DALE_APP_ID": DALE_APP, "TENANT_ID": TENANT}

    loaded = trust.load({**apps, "HILL_APP_PASSWORD": "one", "DALE_APP_PASSWORD": "other"})

    assert [each.teams_app_id for each in loaded.schools] == [DALE_APP, HILL_APP]
    assert loaded.warnings == ()


def test_where_everybody_of_a_shared_tenant_is_staff_somebody_should_look(trust: Trust) -> None:
    for id in ("hill", "dale"):
        trust.has(f"schools/{id}.yaml", school(id, TEAMS.format(id.upper()) + SLT))
    apps = {"HILL_APP_ID": HILL_APP, "DALE_APP_ID": DALE_APP, "TENANT_ID": TENANT}

    warnings = trust.load({**apps, "HILL_APP_PASSWORD": "one", "DALE_APP_PASSWORD": "other"}).warnings

    assert [each.partition(" line ")[0] for each in warnings] == ["schools/dale.yaml", "schools/hill.yaml"]
    assert all("staff: listed" in each for each in warnings)


def test_a_school_may_have_a_policy_of_its_own(trust: Trust) -> None:
    (trust.folder / "dale-policy").mkdir()
    trust.has("schools/dale.yaml", school("dale", "policy: ../dale-policy\n"))
    trust.has("schools/hill.yaml", school("hill"))

    dale, hill = trust.load().schools

    assert (dale.policy_text, hill.policy_text) == ((trust.folder / "dale-policy").resolve(), None)


def test_a_file_without_schools_is_one_school(trust: Trust) -> None:
    trust.has("app.yaml", school("hill"))

    loaded = trust.deployment()

    assert isinstance(loaded, Settings)
    assert loaded.school.id == "hill"


def test_what_stands_at_the_top_of_a_file_can_be_seen_whatever_else_it_says(trust: Trust) -> None:
    trust.has("school.yaml", "school: 7\nnonsense: 8\n")
    trust.has("broken.yaml", "schools: [")

    found = [sections(trust.folder / name) for name in ("app.yaml", "school.yaml", "broken.yaml", "none.yaml")]

    assert found == [{"schools"}, {"school"}, set(), set()]


# Which school is meant -------------------------------------------------------------------------


def test_a_lone_school_needs_no_naming(trust: Trust) -> None:
    trust.has("schools/hill.yaml", school("hill"))

    assert school_called("", trust.load().schools).school.id == "hill"


def test_whoever_does_not_say_which_school_reads_which_there_are(trust: Trust) -> None:
    for id in ("hill", "dale", "fell"):
        trust.has(f"schools/{id}.yaml", school(id))
    schools = trust.load().schools

    assert school_called("fell", schools).school.id == "fell"
    with pytest.raises(SchoolNotSaid, match=r"several; add --school with dale, fell or hill$"):
        school_called("", schools)
    with pytest.raises(SchoolNotSaid, match=r"no school Hill; add --school with dale, fell or hill$"):
        school_called("Hill", schools)


def test_of_very_many_schools_only_some_are_named(trust: Trust) -> None:
    for number in range(25):
        trust.has(f"schools/s{number:02}.yaml", school(f"s{number:02}"))

    said = ids_of(trust.load().schools)

    assert said.startswith("s00, s01, ")
    assert said.endswith(", s19 and 5 more")


# What is wrong ---------------------------------------------------------------------------------


def test_mistakes_of_all_files_come_at_once_each_with_its_place(trust: Trust) -> None:
    trust.has("app.yaml", "schools: schools\nstore: {url: 'mysql://db'}\n")
    trust.has("schools/dale.yaml", school("dale").replace("GB-ENG", "GB-DAL"))
    trust.has("schools/hill.yaml", school("hill").replace("[staff, slt]", "[staff, stl]", 1))

    found = trust.mistakes({"SMPOLICY_LOG": "loud"})

    assert [each.partition(": ")[0] for each in found] == [
        *("environment", "app.yaml line 2", "schools/dale.yaml line 5", "schools/hill.yaml line 9"),
    ]
    assert "SMPOLICY_LOG" in found[0]


def test_of_what_has_mistakes_what_could_be_read_is_still_there(trust: Trust) -> None:
    """So that `check` can look at the policies all the same."""
    trust.has("schools/dale.yaml", school("dale").replace("GB-ENG", "GB-DAL"))
    trust.has("schools/hill.yaml", "not: [closed")

    with pytest.raises(SettingsMistakes) as raised:
        trust.deployment()

    assert [each.school.id for each in raised.value.read] == ["dale"]


@pytest.mark.parametrize(
    ("schools", "sentence"),
    [
        ("", "app.yaml line 1: schools: names no school; write a folder"),
        ("[]", "app.yaml line 1: schools: names no school; write a folder"),
        ("{hill: hill.yaml}", "app.yaml line 1: schools: "),
        ("3", 'app.yaml line 1: schools: there is no folder "3"'),
        ("nowhere", 'app.yaml line 1: schools: there is no folder "nowhere"'),
        ("app.yaml", 'app.yaml line 1: schools: there is no folder "app.yaml"'),
        ("schools", "app.yaml line 1: schools: names no school; write a folder with a .yaml file for each school"),
        ("[schools/hill.yaml]", "schools/hill.yaml: there is no such file"),
        ("[[schools]]", "app.yaml line 1: schools[0]: "),
        ("[{file: a.yaml}]", "app.yaml line 1: schools[0]: "),
        ("[null]", "app.yaml line 1: schools[0]: "),
        ("[schools]", "schools: can't be read: "),
    ],
)
def test_schools_that_are_not_there(trust: Trust, schools: str, sentence: str) -> None:
    trust.has("app.yaml", f"schools: {schools}\n")

    (found,) = trust.mistakes()

    assert found.startswith(sentence)


def test_a_folder_whose_files_have_another_ending_is_named(trust: Trust) -> None:
    trust.has("schools/hill.yml", school("hill"))

    with pytest.raises(SettingsMistakes) as raised:
        trust.deployment()

    assert raised.value.warnings == (
        "app.yaml line 1: schools: hill.yml is not read, because its name does not end in .yaml",
    )


def test_a_file_that_is_listed_twice(trust: Trust) -> None:
    trust.has("app.yaml", "schools:\n- schools/hill.yaml\n- schools/../schools/hill.yaml\n")
    trust.has("schools/hill.yaml", school("hill"))

    assert trust.mistakes() == ['app.yaml line 3: schools[1]: "schools/../schools/hill.yaml" is listed already']


def test_two_schools_of_one_id(trust: Trust) -> None:
    trust.has("schools/a.yaml", school("hill"))
    trust.has("schools/b.yaml", school("hill"))

    assert trust.mistakes() == ['schools/b.yaml line 2: school.id: "hill" is taken by schools/a.yaml']


@pytest.mark.parametrize(
    "id", ["Hill", "../dale", "hill/slack", "hill school", "höhe", "-hill", "3", "hill%2fdale", "hill?"]
)
def test_an_id_that_no_address_could_hold(trust: Trust, id: str) -> None:
    trust.has("schools/hill.yaml", school(id))

    (found,) = trust.mistakes()

    assert found.startswith("schools/hill.yaml line 2: school.id: ")
    assert found.endswith(" is not an id; use small letters, digits, - and _, a letter first")


def test_what_is_every_schools_own_does_not_stand_in_the_trusts_file(trust: Trust) -> None:
    trust.has("app.yaml", school("hill", "schools: schools\n"))
    trust.has("schools/hill.yaml", school("hill"))

    found = trust.mistakes()

    assert [each.split(": ")[1] for each in found] == ["school", "people", "contacts"]
    assert all("belongs into the file of each school" in each for each in found)


def test_the_store_is_not_a_schools_own(trust: Trust) -> None:
    trust.has("schools/hill.yaml", school("hill", "store: {url: 'tinydb:hill'}\n"))

    (found,) = trust.mistakes()

    assert found.endswith("store: belongs into app.yaml, because all schools share the store")


def test_a_trust_is_no_school_of_another(trust: Trust) -> None:
    trust.has("schools/hill.yaml", "schools: more\n")

    found = trust.mistakes()

    assert found[0].startswith("schools/hill.yaml line 1: schools: ")
    assert "schools/hill.yaml line 1: school: is missing" in found


def test_a_file_that_is_no_text_and_one_that_is_a_link_to_nowhere(trust: Trust) -> None:
    trust.has("schools/hill.yaml", school("hill").encode("utf-16"))
    (trust.folder / "schools/dale.yaml").symlink_to("gone.yaml")
    (trust.folder / "schools/fell.yaml").mkdir()

    assert trust.mistakes() == [
        "schools/dale.yaml: there is no such file",
        "schools/fell.yaml: can't be read: Is a directory",
        "schools/hill.yaml: is not UTF-8 text",
    ]


@pytest.mark.parametrize(
    "deep",
    [
        "[" * 100_000, "{a: " * 50_000, "- " * 50_000 + "x", "? " * 50_000,
        "".join(f"{' ' * level}a:\n" for level in range(5_000)),
        "".join(f"{' ' * level}-\n" for level in range(5_000)),
    ],
)  # fmt: skip
def test_a_file_without_bottom_is_no_reason_to_crash(trust: Trust, deep: str) -> None:
    trust.has("schools/dale.yaml", deep)
    trust.has("schools/hill.yaml", school("hill"))

    assert all(each.startswith("schools/dale.yaml") for each in trust.mistakes())


@pytest.mark.parametrize("secret", ["xoxb-123456789-abcdefghijkl", "0123456789abcdef0123456789abcdef"])
def test_a_secret_in_a_schools_file_is_refused_and_not_repeated(trust: Trust, secret: str) -> None:
    trust.has("schools/hill.yaml", school("hill", f"slack: {{bot_token: {secret}}}\n"))

    found = "\n".join(trust.mistakes())

    assert "schools/hill.yaml line 19: slack.bot_token: a secret in the file" in found
    assert secret not in found


def test_two_schools_that_name_the_same_variable(trust: Trust) -> None:
    for id in ("hill", "dale"):
        trust.has(f"schools/{id}.yaml", school(id, SLACK.format("OUR")))

    assert trust.mistakes() == [
        "schools/hill.yaml line 19: slack.signing_secret: OUR_SIGNING_SECRET is schools/dale.yaml's as well; "
        "give each school its own, such as HILL_SIGNING_SECRET",
        "schools/hill.yaml line 19: slack.bot_token: OUR_BOT_TOKEN is schools/dale.yaml's as well; "
        "give each school its own, such as HILL_BOT_TOKEN",
    ]


def test_two_schools_that_name_nothing_do_not_become_one_bot(trust: Trust) -> None:
    """The variables of a lone school would be everybody's."""
    for id in ("hill", "dale"):
        trust.has(f"schools/{id}.yaml", school(id))

    found = trust.mistakes({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s"})

    assert found[1].endswith(
        "SLACK_BOT_TOKEN is schools/dale.yaml's as well; give each school its own, such as HILL_BOT_TOKEN"
    )
    assert len(found) == 2


def test_two_variables_that_hold_the_same(trust: Trust) -> None:
    for id in ("hill", "dale"):
        trust.has(f"schools/{id}.yaml", school(id, SLACK.format(id.upper())))
    secrets = {"HILL_BOT_TOKEN": "xoxb-1", "HILL_SIGNING_SECRET": "s", "DALE_SIGNING_SECRET": "t"}

    found = trust.mistakes({**secrets, "DALE_BOT_TOKEN": " xoxb-1 "})

    assert found == [
        "schools/hill.yaml line 19: slack.bot_token: HILL_BOT_TOKEN holds the same as DALE_BOT_TOKEN of "
        "schools/dale.yaml; each school has its own bot",
    ]


def test_a_policy_that_is_not_there(trust: Trust) -> None:
    trust.has("schools/hill.yaml", school("hill", "policy: hill-policy\n"))

    assert trust.mistakes() == [
        'schools/hill.yaml line 19: policy: there is no folder "hill-policy"; '
        "it should hold policy.md, asks.yaml and guidance.yaml",
    ]
