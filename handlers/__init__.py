"""What people can do: the list of features."""

from handlers.accounts.handlers import router as accounts
from handlers.applications.handlers import router as applications
from handlers.gaps.handlers import router as gaps
from handlers.headship.handlers import router as headship
from handlers.help.handlers import router as help
from handlers.incidents.handlers import router as incidents
from handlers.my.handlers import router as my
from handlers.policy.handlers import router as policy
from handlers.press.handlers import router as press
from handlers.settings.handlers import router as settings

ROUTERS = (policy, incidents, applications, press, accounts, headship, settings, gaps, my, help)
