"""Which service addresses the bot believes: Microsoft's own, those of the settings, and none that look like them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from bot.platforms.teams.hosts import ServiceHosts

MICROSOFTS = ServiceHosts()


@pytest.mark.parametrize(
    "url",
    [
        "https://smba.trafficmanager.net/uk/",
        "https://smba.trafficmanager.net/teams/",
        "https://smba.trafficmanager.net",
        "https://smba.trafficmanager.net:443/emea/",
        "HTTPS://SMBA.TrafficManager.NET/uk/",
        "https://smba.infra.gcc.teams.microsoft.com/gcc/",
        "https://smba.infra.gov.teams.microsoft.us/gcch/",
        "https://smba.infra.dod.teams.microsoft.us/dod/",
        "https://webchat.botframework.com/",
        "https://api.scratch.botframework.com/",
        "https://europe.directline.botframework.azure.us/",
        "https://smba.trafficmanager.net/uk/3f1c-tenant/",
    ],
)
def test_microsofts_own_addresses_are_believed(url: str) -> None:
    assert MICROSOFTS.allows(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "smba.trafficmanager.net",
        "//smba.trafficmanager.net/uk/",
        "http://smba.trafficmanager.net/uk/",
        "ftp://smba.trafficmanager.net/uk/",
        "https://smba.trafficmanager.net:8443/uk/",
        "https://smba.trafficmanager.net:0/uk/",
        "https://smba.trafficmanager.net:/uk/",
        "https://smba.trafficmanager.net:443443/uk/",
        "https://smba.trafficmanager.net./uk/",
        "https://smba.trafficmanager.net../uk/",
        "https://evil.smba.trafficmanager.net/uk/",
        "https://smba.trafficmanager.net.evil.example/uk/",
        "https://notsmba.trafficmanager.net/uk/",
        "https://trafficmanager.net/",
        "https://evil.trafficmanager.net/",
        "https://botframework.com/",
        "https://evilbotframework.com/",
        "https://.botframework.com/",
        "https://api..botframework.com/",
        "https://-.botframework.com.evil.example/",
        "https://api.botframework.com.evil.example/",
        "https://evil.example/smba.trafficmanager.net/",
        "https://evil.example/?smba.trafficmanager.net",
        "https://evil.example#smba.trafficmanager.net",
        "https://smba.trafficmanager.net@evil.example/",
        "https://evil.example@smba.trafficmanager.net/",
        "https://evil:word@smba.trafficmanager.net/",
        "https://evil.example\\@smba.trafficmanager.net/",
        "https://smba.trafficmanager.net\\.evil.example/",
        "https://evil.example%2F@smba.trafficmanager.net/",
        "https://smba.trafficmanager.net%2Eevil.example/",
        "https://smba.trafficmanager.net/uk/?to=elsewhere",
        "https://smba.trafficmanager.net/uk/#elsewhere",
        "https://smba.trafficmanager.net\n.evil.example/",
        "https://smba.trafficmanager.net/uk/\n",
        " https://smba.trafficmanager.net/uk/",
        "https://smba.trafficmanager.net /uk/",
        "https://smba.trafficmanager.net\x00.evil.example/",
        "https://ｓｍｂａ.trafficmanager.net/uk/",
        "https://smba。trafficmanager。net/uk/",
        "https://smba.trafficmanager.nеt/uk/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "http://localhost/",
        "https://169.254.169.254/metadata/",
        "https://2130706433/",
        "https://0x7f.1/",
        "javascript:alert(1)//smba.trafficmanager.net",
        "file:///etc/passwd",
    ],
)
def test_nothing_that_looks_like_them_is_believed(url: str) -> None:
    assert not MICROSOFTS.allows(url)


def test_the_settings_may_name_further_hosts() -> None:
    hosts = ServiceHosts(frozenset({"connector.school.example", "10.0.0.7:8443", "127.0.0.1:5000", "[::1]:5000"}))

    assert hosts.allows("https://connector.school.example/uk/")
    assert hosts.allows("https://Connector.School.Example:443/")
    assert hosts.allows("https://10.0.0.7:8443/")
    assert hosts.allows("http://127.0.0.1:5000/uk/")
    assert hosts.allows("https://127.0.0.1:5000/uk/")
    assert hosts.allows("http://[::1]:5000/uk/")
    assert hosts.allows("https://smba.trafficmanager.net/uk/")


@pytest.mark.parametrize(
    "url",
    [
        "http://connector.school.example/uk/",
        "https://connector.school.example:8443/uk/",
        "https://sub.connector.school.example/uk/",
        "http://10.0.0.7:8443/",
        "https://10.0.0.7/",
        "http://127.0.0.1:5001/",
        "http://127.0.0.1/",
        "http://127.0.0.2:5000/",
        "http://localhost:5000/",
    ],
)
def test_a_further_host_is_met_at_its_own_port_alone_and_unencrypted_only_on_this_machine(url: str) -> None:
    hosts = ServiceHosts(frozenset({"connector.school.example", "10.0.0.7:8443", "127.0.0.1:5000"}))

    assert not hosts.allows(url)


def test_where_nobody_proves_who_they_are_this_machine_alone_is_believed() -> None:
    hosts = ServiceHosts(frozenset({"connector.school.example"}), loopback=True)

    assert hosts.allows("http://localhost:56150/_connector")
    assert hosts.allows("http://127.0.0.1:56150")
    assert hosts.allows("http://[::1]:56150/")
    assert not hosts.allows("https://smba.trafficmanager.net/uk/")
    assert not hosts.allows("https://connector.school.example/")
    assert not hosts.allows("http://localhost.evil.example:56150/")
    assert not hosts.allows("http://127.0.0.1.evil.example/")
    assert not hosts.allows("http://0.0.0.0:56150/")
    assert not hosts.allows("http://192.168.0.7:56150/")


_BEGINNINGS = st.sampled_from(
    ["", "https://", "https://smba.trafficmanager.net", "https://api.botframework.com", "https://a"]
)
_WORDS = "https:// smba.trafficmanager.net .botframework.com evil.example 127.0.0.1 ::1 443 a - . / // \\ : @ % ? # [ ]"
_PIECES = st.sampled_from([*_WORDS.split(), " ", "\t", "。", "\x00"])


@given(_BEGINNINGS, st.lists(_PIECES, max_size=6).map("".join))
def test_what_is_believed_leads_where_it_seems_to(beginning: str, rest: str) -> None:
    """The library that calls must not read another host out of an address than was judged."""
    url = beginning + rest
    if MICROSOFTS.allows(url):
        called = URL(f"{url.rstrip('/')}/v3/conversations", encoded=True)
        assert called.scheme == "https"
        assert called.port == 443
        assert called.host == "smba.trafficmanager.net" or str(called.host).endswith(".botframework.com")
        assert called.path.endswith("/v3/conversations")
        assert called.user is None
