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


class ReadOnly(ModelAdmin):
    """Rows that the queue writes; staff look at them and throw them away."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Users(UserAdmin, ModelAdmin):  # type: ignore[type-arg]
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm


class Groups(GroupAdmin, ModelAdmin):
    pass


class Schedules(ScheduleAdmin, ModelAdmin):
    pass


class QueuedTasks(QueueAdmin, ReadOnly):
    list_filter: ClassVar[list[str]] = []


class FailedTasks(FailAdmin, ReadOnly):
    list_filter: ClassVar = ["group"]


class FinishedTasks(TaskAdmin, ReadOnly):
    list_filter: ClassVar = ["group"]


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
