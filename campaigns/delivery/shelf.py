"""Keeps what is attached in storage, each content once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.db import transaction
from django.utils import timezone

from campaigns.models import StoredFile

# Longer than any transaction: until then a mail that nobody else can see yet may bring the file again.
KEEP = timedelta(days=1)
# How often its use is noted, so that mails written at once do not wait for each other.
NOTE = timedelta(hours=1)
# In storage.
FOLDER = "attached"


def put(content: bytes) -> StoredFile:
    """Call it in the transaction that writes who uses it. Rolled back, it leaves a file that is tidied away later."""
    digest, now = sha256(content).hexdigest(), timezone.now()
    known = StoredFile.objects.filter(digest=digest).first()
    if known is None:
        stored = StoredFile(digest=digest, size=len(content), used_at=now)
        # If the name is taken, by what a crash or a rollback left, storage finds another.
        stored.file.save(digest, ContentFile(content), save=False)
        # Somebody may store the same at this moment; then we wait, and theirs serves both.
        known, is_new = StoredFile.objects.get_or_create(
            digest=digest, defaults={"file": stored.file.name, "size": stored.size, "used_at": now}
        )
        if not is_new:
            stored.file.delete(save=False)
    StoredFile.objects.filter(pk=known.pk, used_at__lt=now - NOTE).update(used_at=now)
    return known


def clear(most: int) -> None:
    """Throw away what no mail has any more."""
    unused = StoredFile.objects.filter(attachments=None, used_at__lt=timezone.now() - KEEP)
    for stored in unused[:most]:
        with transaction.atomic():
            deleted, _models = StoredFile.objects.filter(pk=stored.pk, attachments=None).delete()
            if deleted:
                storage, name = stored.file.storage, stored.file.name
                transaction.on_commit(lambda storage=storage, name=name: storage.delete(name))  # type: ignore[misc]


def tidying(most: int) -> Iterator[None]:
    """Throws away files that no row knows, as rollbacks and crashes leave them; so many are looked at in each step."""
    storage = StoredFile._meta.get_field("file").storage
    names = _names(storage)
    for start in range(0, len(names), most):
        some = names[start : start + most]
        known = set(StoredFile.objects.filter(file__in=some).values_list("file", flat=True))
        for name in some:
            if name not in known:
                _throw_away(storage, name)
        yield


def _names(storage: Storage) -> list[str]:
    try:
        _folders, files = storage.listdir(FOLDER)
    except FileNotFoundError:
        # Nothing was ever attached.
        return []
    return [f"{FOLDER}/{name}" for name in files]


def _throw_away(storage: Storage, name: str) -> None:
    """Unless it is so young that the transaction of whoever brought it may still be open."""
    try:
        if storage.get_modified_time(name) < timezone.now() - KEEP:
            storage.delete(name)
    except FileNotFoundError:
        # Another host tidies as well.
        pass
