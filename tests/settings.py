"""The settings of the tests: those of development, whatever the machine's environment says."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

FOLDER = Path(tempfile.mkdtemp(prefix="broadsheet-tests-"))

# `make test` chooses the database; nothing else that a developer exports may decide whether a test passes.
for name in ("ALLOWED_HOSTS", "BASE_URL", "HTTPS", "LANGUAGE_CODE", "MAILBOX_DIR", "MAILERS", "REDIS_URL", "TIME_ZONE"):
    os.environ.pop(name, None)
os.environ |= {
    "DEBUG": "true",
    "SECRET_KEY": "a-secret-of-the-tests-" * 3,
    "LOG_LEVEL": "WARNING",
    # Only the tests of the time to undo wait for it.
    "UNDO_SECONDS": "0",
    # For so long after the database's server has begun, nobody's lease runs out: conftest waits for it.
    "LEASE_SECONDS": "20",
    "MEDIA_ROOT": str(FOLDER / "media"),
    "STATIC_ROOT": str(FOLDER / "static"),
}
(FOLDER / "static").mkdir()
OWNER = os.getpid()


@atexit.register
def clean() -> None:
    """Not in forked children: the folder is still their parent's."""
    if os.getpid() == OWNER:
        shutil.rmtree(FOLDER, ignore_errors=True)


from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES  # noqa: E402

# Threads and other processes see the rows of a file, and none of a database in memory.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": FOLDER / "tests.sqlite3"}
# Each Client makes the site anew, which would read through all static files each time.
WHITENOISE_USE_FINDERS = False
# The real hashers are slow on purpose.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
