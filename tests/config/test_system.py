"""Accounts and background tasks, reachable under System."""

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from django_q.models import Failure, OrmQ, Schedule, Task
from django_q.signing import SignedPackage


@pytest.fixture
def rows(db):
    """One row of each kind, because a page may well open while it is empty and fail when it is not."""
    package = SignedPackage.dumps(
        {"id": "x", "name": "nudge", "func": "campaigns.tasks.tick", "args": (), "kwargs": {}}
    )
    OrmQ.objects.create(key="broadsheet", payload=package, lock=timezone.now())
    now = timezone.now()
    for number, success in enumerate([True, False]):
        Task.objects.create(
            id=f"task-{number}",
            name=f"task-{number}",
            func="campaigns.tasks.tick",
            started=now,
            stopped=now,
            success=success,
        )
    Schedule.objects.create(name="Fallback", func="campaigns.tasks.tick")


@pytest.mark.parametrize(
    "page",
    ["auth/user", "auth/group", "django_q/ormq", "django_q/failure", "django_q/success", "django_q/schedule"],
)
def test_a_page_of_the_system_shows_its_rows(admin_client, rows, page):
    response = admin_client.get(f"/admin/{page}/")

    assert response.status_code == 200
    for row in response.context["cl"].queryset:
        assert admin_client.get(f"/admin/{page}/{row.pk}/change/").status_code == 200


@pytest.mark.parametrize(("page", "model"), [("ormq", OrmQ), ("schedule", Schedule), ("failure", Failure)])
def test_nobody_writes_what_the_queue_calls(admin_client, rows, page, model):
    row = model.objects.first()

    added = admin_client.post(f"/admin/django_q/{page}/add/", {"func": "os.abort"})
    changed = admin_client.post(f"/admin/django_q/{page}/{row.pk}/change/", {"func": "os.abort"})

    assert added.status_code == changed.status_code == 403


def test_an_account_is_made_in_the_admin(admin_client):
    admin_client.post(
        "/admin/auth/user/add/",
        {
            "username": "dilnoza",
            "usable_password": "true",
            "password1": "four green horses",
            "password2": "four green horses",
        },
    )

    assert User.objects.get(username="dilnoza").check_password("four green horses")
