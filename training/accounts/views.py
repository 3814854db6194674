"""Pages of one's account, and of administrators about accounts."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.contrib.auth.views import (
    LoginView,
    PasswordChangeView,
    PasswordResetConfirmView,
    PasswordResetView,
    redirect_to_login,
)
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from training.accounts import services
from training.accounts.audit import record
from training.accounts.forms import (
    AuditForm,
    InvitationForm,
    ProfileForm,
    ResetForm,
    SignUpForm,
    TokenForm,
)
from training.accounts.models import Invitation, TokenGrant
from training.accounts.requests import SignedInRequest
from training.accounts.roles import administrator_required
from training.confirmations import Confirmation, confirm
from training.identities.models import ExternalIdentity
from training.second_factors.entering import enter

TOKENS_MOST = 50  # of one person; more are a program gone wrong
ENTRIES_SHOWN = 50
page_or_form = require_http_methods(["GET", "HEAD", "POST"])


# --- For the proxy before the site ----------------------------------------------------------------


@extend_schema(exclude=True)
class SignedInView(APIView):
    """204 with a session or a token, 401 without: nginx asks it before it takes a file."""

    permission_classes = (IsAuthenticated,)

    def get(self, request: Request) -> Response:
        return Response(status=204)


# --- One's own ------------------------------------------------------------------------------------


@page_or_form
@login_required
def profile(request: SignedInRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    if request.method == "POST" and form.is_valid():
        changed = [name for name in form.changed_data if name != "password"]
        services.profile_save(user=form.save(commit=False), changed=changed)
        messages.success(request, "Saved.")
        return redirect("profile")
    context = {
        "form": form,
        "roles": request.user.groups.order_by("name"),
        "second_factors": settings.SECOND_FACTORS,
        "identities": ExternalIdentity.objects.filter(user=request.user),
    }
    return render(request, "accounts/profile.html", context, status=400 if form.errors else 200)


@never_cache
@page_or_form
@login_required
def token_list(request: SignedInRequest) -> HttpResponse:
    """A new token is in the answer to the form itself: no address, no session and no cache ever
    holds it."""
    form = TokenForm(request.POST or None)
    grants = TokenGrant.objects.filter(token__user=request.user).select_related("token")
    token = ""
    if request.method == "POST" and form.is_valid():
        if grants.count() < TOKENS_MOST:
            _, token = services.token_create(user=request.user, **form.cleaned_data)
            form = TokenForm()
        else:
            form.add_error(
                None, f"You have {TOKENS_MOST} tokens; revoke one that is no longer used."
            )
    context = {
        "form": form,
        "grants": grants.all(),
        "token": token,
        "site": request.build_absolute_uri("/").rstrip("/"),
    }
    return render(request, "accounts/token_list.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@login_required
def token_revoke(request: SignedInRequest, pk: int) -> HttpResponse:
    grant = get_object_or_404(
        TokenGrant.objects.select_related("token"), pk=pk, token__user=request.user
    )
    if request.method == "GET":
        return confirm(request, _revocation_asked(grant))
    services.token_revoke(user=request.user, grant=grant)
    messages.success(
        request, f"“{grant.name}” is revoked; programs that use it are refused from now on."
    )
    return redirect("token_list")


def _revocation_asked(grant: TokenGrant) -> Confirmation:
    return Confirmation(
        question="Revoke this token?",
        about=f"Token “{grant.name}”",
        address=reverse("token_list"),
        changes=["Programs that use it are refused from now on."],
        stays=["What they have classified, and your other tokens."],
        undo="It cannot be brought back. Make a new token and give it to the programs.",
        button="Revoke it",
        keep="Keep it",
    )


class SignIn(LoginView):
    def form_valid(self, form: Any) -> HttpResponse:
        return enter(self.request, form.get_user(), self.get_success_url())


def admin_sign_in(request: HttpRequest) -> HttpResponse:
    """Django's administration asks for a password alone, which would be a way around."""
    if not settings.SECOND_FACTORS:
        return admin.site.login(request)
    return redirect_to_login(request.GET.get("next") or reverse("admin:index"))


class PasswordChange(PasswordChangeView):
    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        record(form.user, form.user, "Changed the password.")
        _revoke_tokens(self.request, form.user)
        return response


class PasswordReset(PasswordResetView):
    form_class = ResetForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"sends_mail": settings.SENDS_MAIL}

    def form_valid(self, form: Any) -> HttpResponse:
        if not settings.SENDS_MAIL:
            return self.render_to_response(self.get_context_data(form=form))
        for user in form.get_users(form.cleaned_data["email"]):
            record(user, user, "Asked for a new password by mail.")
        return super().form_valid(form)


class PasswordResetConfirm(PasswordResetConfirmView):
    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        record(form.user, form.user, "Set a new password, by the link in a mail.")
        _revoke_tokens(self.request, form.user)
        return response


def _revoke_tokens(request: HttpRequest, user: User) -> None:
    if count := services.tokens_revoke_all(user=user):
        gone = "Your token was" if count == 1 else f"Your {count} tokens were"
        messages.warning(request, f"{gone} revoked with the old password; make new ones.")


# --- A new account --------------------------------------------------------------------------------


@sensitive_post_parameters("password1", "password2")
@never_cache
@page_or_form
def sign_up(request: HttpRequest) -> HttpResponse:
    code = request.GET.get("code", "")
    if not may_sign_up(code):
        return render(
            request, "accounts/sign_up_closed.html", {"by_invitation": _by_invitation()}, status=403
        )
    form = SignUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = form.save(commit=False)
        if not services.account_open(user=user, code=code if _by_invitation() else ""):
            return render(
                request, "accounts/sign_up_closed.html", {"by_invitation": True}, status=403
            )
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        return redirect("home")
    return render(
        request, "accounts/sign_up.html", {"form": form}, status=400 if form.errors else 200
    )


def may_sign_up(code: str) -> bool:
    if _by_invitation():
        return services.invitation_find(code) is not None
    return bool(settings.SIGN_UP == "open")


def _by_invitation() -> bool:
    return bool(settings.SIGN_UP == "invitation")


# --- For administrators ---------------------------------------------------------------------------


@never_cache
@page_or_form
@administrator_required
def invitation_list(request: SignedInRequest) -> HttpResponse:
    if not _by_invitation():
        raise Http404
    form, link = InvitationForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        _, code = services.invitation_create(user=request.user, note=form.cleaned_data["note"])
        link = request.build_absolute_uri(f"{reverse('sign_up')}?code={code}")
    invitations = Invitation.objects.select_related("created_by", "used_by")[:100]
    context = {
        "form": form,
        "link": link,
        "invitations": invitations,
        "days": services.INVITATION_DAYS,
    }
    return render(
        request, "accounts/invitation_list.html", context, status=400 if form.errors else 200
    )


@require_GET
@administrator_required
def audit_log(request: SignedInRequest) -> HttpResponse:
    form = AuditForm(request.GET)
    page = Paginator(_entries(form), ENTRIES_SHOWN).get_page(request.GET.get("page"))
    return render(request, "accounts/audit_log.html", {"form": form, "page_obj": page})


def _entries(form: AuditForm) -> QuerySet[LogEntry]:
    entries = LogEntry.objects.select_related("user", "content_type").order_by(
        "-action_time", "-pk"
    )
    if not form.is_valid():
        return entries
    for word in form.cleaned_data["q"].split():
        fields = ("user__username", "object_repr", "change_message", "content_type__model")
        entries = entries.filter(
            reduce(or_, (Q(**{f"{field}__icontains": word}) for field in fields))
        )
    if name := form.cleaned_data["user"]:
        entries = entries.filter(user__username=name)
    if since := form.cleaned_data["since"]:
        entries = entries.filter(action_time__date__gte=since)
    return entries
