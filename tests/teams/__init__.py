"""The project's own strict fake of Microsoft's side: tokens, a Bot Connector and people in Teams, over real HTTP."""
