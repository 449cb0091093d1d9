"""Accounts and background tasks: what other packages registered, in the admin's look."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from django_q.admin import FailAdmin, QueueAdmin, ScheduleAdmin, TaskAdmin
from django_q.models import Failure, OrmQ, Schedule, Success
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm


class Users(UserAdmin, ModelAdmin):  # type: ignore[type-arg]
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    compressed_fields = False


class Groups(GroupAdmin, ModelAdmin):
    compressed_fields = False


class ReadOnly(ModelAdmin):
    """What the queue writes. Staff look at it and may throw it away; a row that they could write would name
    any function to be called, and nothing is gained by calling one again: the next tick finds what is to do.
    """

    actions: ClassVar[list[str]] = []
    list_filter: ClassVar[list[str]] = []

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Schedules(ReadOnly, ScheduleAdmin):
    list_display: ClassVar = ["name", "func", "schedule_type", "next_run"]
    list_display_links: ClassVar = ["name"]


class QueuedTasks(ReadOnly, QueueAdmin):
    list_display: ClassVar = ["name", "func", "key", "lock"]


class FailedTasks(ReadOnly, FailAdmin):
    list_display: ClassVar = ["name", "func", "started", "short_result"]


class FinishedTasks(ReadOnly, TaskAdmin):
    list_display: ClassVar = ["name", "func", "started", "time_taken"]


# With a Redis broker django-q2 registers no queue, but the navigation leads to it all the same.
for model, model_admin in {
    User: Users,
    Group: Groups,
    Schedule: Schedules,
    OrmQ: QueuedTasks,
    Failure: FailedTasks,
    Success: FinishedTasks,
}.items():
    if admin.site.is_registered(model):
        admin.site.unregister(model)
    admin.site.register(model, model_admin)

# Nothing is one sign everywhere.
admin.site.empty_value_display = "–"
