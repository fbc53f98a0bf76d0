"""The bot that the program is measured beside: Microsoft's own adapter, untouched, which says what it hears."""

from __future__ import annotations

from types import SimpleNamespace

from aiohttp import web
from botbuilder.core import ActivityHandler, TurnContext
from botbuilder.integration.aiohttp import CloudAdapter, ConfigurationBotFrameworkAuthentication
from botframework.connector.auth import AppCredentials, ChannelValidation, PasswordServiceClientCredentialFactory

ECHO = "You said: "


def stock_bot(app_id: str, tenant: str, metadata_url: str, token: str) -> web.Application:
    """Return the bot, which believes whom *metadata_url* vouches for and calls Teams with *token*."""
    ChannelValidation.open_id_metadata_endpoint = metadata_url
    named = SimpleNamespace(APP_ID=app_id, APP_PASSWORD=token, APP_TYPE="SingleTenant", APP_TENANTID=tenant)
    handed = _Handed(app_id, token, tenant)
    adapter = CloudAdapter(ConfigurationBotFrameworkAuthentication(named, credentials_factory=handed))
    bot = _Echo()

    async def messages(request: web.Request) -> web.StreamResponse:
        answer: web.StreamResponse = await adapter.process(request, bot)
        return answer

    app = web.Application()
    app.router.add_post("/api/messages", messages)
    return app


class _Echo(ActivityHandler):  # type: ignore[misc]  # botbuilder has no types
    async def on_message_activity(self, turn_context: TurnContext) -> None:
        await turn_context.send_activity(f"{ECHO}{turn_context.activity.text}")


class _Handed(PasswordServiceClientCredentialFactory):  # type: ignore[misc]  # botbuilder has no types
    """Hands out the bot's own token at once: fetching one asks Microsoft, whatever address is configured."""

    async def create_credentials(
        self, app_id: str, oauth_scope: str, login_endpoint: str, validate_authority: bool
    ) -> AppCredentials:
        return _Known(app_id, self.password, self.tenant_id, oauth_scope)


class _Known(AppCredentials):  # type: ignore[misc]  # botbuilder has no types
    def __init__(self, app_id: str, token: str, tenant: str, scope: str) -> None:
        super().__init__(app_id, tenant, scope)
        self._token = token

    def get_access_token(self, force_refresh: bool = False) -> str:
        return self._token
