"""The schema of people, lists and consent."""

from .among import Among
from .attribute import Attribute, Tag
from .brand import Brand
from .errand import BulkChange, BulkStep, Export
from .leaving import LeavingReason
from .mailing_list import MailingList
from .retention import MailDomain, RetentionRule
from .segment import Segment
from .sign_up import SignUp, SignUpForm, Throttle
from .subscriber import SearchText, Subscriber
from .subscription import ConsentRecord, Subscription
from .suppression import Suppression
from .transfer import Import, ImportIssue, ImportJournal, ImportProfile

__all__ = [
    "Among",
    "Attribute",
    "Brand",
    "BulkChange",
    "BulkStep",
    "ConsentRecord",
    "Export",
    "Import",
    "ImportIssue",
    "ImportJournal",
    "ImportProfile",
    "LeavingReason",
    "MailDomain",
    "MailingList",
    "RetentionRule",
    "SearchText",
    "Segment",
    "SignUp",
    "SignUpForm",
    "Subscriber",
    "Subscription",
    "Suppression",
    "Tag",
    "Throttle",
]
