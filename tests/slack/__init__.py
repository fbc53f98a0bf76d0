"""The project's own strict fake of Slack: real HTTP, real WebSockets, real signatures."""
