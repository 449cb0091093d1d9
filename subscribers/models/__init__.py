"""The schema of people, lists and consent."""

from .among import Among
from .attribute import Attribute, Tag
from .errand import BulkChange, BulkStep, Export
from .mailing_list import MailingList
from .retention import MailDomain, RetentionRule
from .segment import Segment
from .subscriber import SearchText, Subscriber
from .subscription import ConsentRecord, Subscription
from .suppression import Suppression
from .transfer import Import, ImportIssue, ImportJournal, ImportProfile

__all__ = [
    "Among",
    "Attribute",
    "BulkChange",
    "BulkStep",
    "ConsentRecord",
    "Export",
    "Import",
    "ImportIssue",
    "ImportJournal",
    "ImportProfile",
    "MailDomain",
    "MailingList",
    "RetentionRule",
    "SearchText",
    "Segment",
    "Subscriber",
    "Subscription",
    "Suppression",
    "Tag",
]
