"""The schema of people, lists and consent."""

from .mailing_list import MailingList
from .subscriber import Subscriber
from .subscription import ConsentRecord, Subscription
from .suppression import Suppression
from .transfer import Import, ImportIssue

__all__ = [
    "ConsentRecord",
    "Import",
    "ImportIssue",
    "MailingList",
    "Subscriber",
    "Subscription",
    "Suppression",
]
