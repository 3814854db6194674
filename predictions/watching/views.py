"""Pages of watching."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
    require_safe,
)

from predictions.watching import services
from predictions.watching.deliveries import delivery_again, sending_ask, trial_make
from predictions.watching.feeds import feed_tag, feed_text
from predictions.watching.forms import MailForm, WatchChangeForm, WatchForm, WebhookForm
from predictions.watching.models import Delivery, Watch, Watcher
from predictions.watching.pages import (
    deliveries_of,
    feed_renewal_asked,
    watching_context,
    webhook_deletion_asked,
)
from predictions.watching.signing import watcher_of_feed, watcher_of_link
from training.accounts.requests import SignedInRequest
from training.confirmations import confirm
from training.ml.errors import UserError
from training.return_to import return_to

PAGE_ROWS = 50
page_or_form = require_http_methods(["GET", "HEAD", "POST"])


@require_GET
@login_required
def watching(request: SignedInRequest) -> HttpResponse:
    context = watching_context(request.user, request.GET)
    return render(request, "predictions/watching/watching.html", context)


# --- what is watched ------------------------------------------------------------------------------


@require_POST
@login_required
def watch_create(request: SignedInRequest) -> HttpResponse:
    form = WatchForm(request.POST)
    if not form.is_valid():
        messages.error(request, "This cannot be watched; use the button on a catalogue's page.")
        return redirect("catalogue")
    try:
        services.site_note(request, request.user)
        watch, is_new = services.watch_create(user=request.user, **form.given)
    except UserError as error:
        messages.error(request, error.message)
        return return_to(request, "watching")
    said = "You watch it from now on" if is_new else "You watch it already"
    messages.success(request, f"{said}: {watch.name}.")
    return return_to(request, watch.get_absolute_url())


@page_or_form
@login_required
def watch_change(request: SignedInRequest, pk: int) -> HttpResponse:
    watch = get_object_or_404(Watch.objects.shown(), pk=pk, owner=request.user)
    name = watch.name
    form = WatchChangeForm(request.POST or None, instance=watch)
    if request.method == "POST" and form.is_valid():
        services.watch_change(watch, **form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("watching")
    context = {"form": form, "watch": watch, "name": name}
    status = 400 if form.errors else 200
    return render(request, "predictions/watching/watch.html", context, status=status)


@require_POST
@login_required
def watch_stop(request: SignedInRequest, pk: int) -> HttpResponse:
    watch = get_object_or_404(Watch, pk=pk, owner=request.user)
    watch.delete()
    messages.success(request, f"You no longer watch {watch.name}. What was told of it stays.")
    return return_to(request, "watching")


# --- e-mail ---------------------------------------------------------------------------------------


@require_POST
@login_required
def mail_set(request: SignedInRequest) -> HttpResponse:
    form = MailForm(request.POST)
    if form.is_valid():
        watcher = services.site_note(request, request.user)
        services.mail_set(watcher=watcher, mail=form.cleaned_data["mail"], at=timezone.now())
        messages.success(request, "Saved.")
    else:
        messages.error(request, "Choose when news come by e-mail.")
    return redirect(f"{reverse('watching')}#ways")


@csrf_exempt  # mail programs end it with one request of their own (RFC 8058)
@never_cache
@page_or_form
def unsubscribe(request: HttpRequest) -> HttpResponse:
    """By the link of a letter, without signing in. Only what is sent ends it: links are also
    followed by what looks for harmful ones."""
    watcher = watcher_of_link(request.GET.get("key", ""))
    if watcher and request.method == "POST":
        services.mail_set(watcher=watcher, mail=Watcher.Mail.NONE, at=timezone.now())
    context = {"watcher": watcher, "is_off": watcher and watcher.mail == Watcher.Mail.NONE}
    status = 200 if watcher else 400
    return render(request, "predictions/watching/unsubscribe.html", context, status=status)


# --- the feed -------------------------------------------------------------------------------------


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """For programs that cannot sign in: the address itself is the key."""
    watcher = watcher_of_feed(request.GET.get("key", ""))
    if watcher is None:
        raise Http404
    tag = feed_tag(watcher)
    answer = get_conditional_response(request, etag=tag) or HttpResponse(
        feed_text(watcher), content_type="application/atom+xml; charset=utf-8"
    )
    answer["ETag"], answer["X-Robots-Tag"] = tag, "noindex"
    patch_cache_control(answer, private=True, max_age=60)
    return answer


@page_or_form
@login_required
def feed_renew(request: SignedInRequest) -> HttpResponse:
    if request.method != "POST":
        return confirm(request, feed_renewal_asked(reverse("watching")))
    services.feed_renew(services.site_note(request, request.user))
    messages.success(request, "Your feed has a new address.")
    return redirect(f"{reverse('watching')}#ways")


# --- webhooks -------------------------------------------------------------------------------------


@never_cache
@require_POST
@login_required
def webhook_create(request: SignedInRequest) -> HttpResponse:
    """The secret is in the answer to the form itself: no address, no session and no cache ever
    holds it."""
    form, secret = WebhookForm(request.POST), ""
    if form.is_valid():
        try:
            services.site_note(request, request.user)
            _, secret = services.webhook_create(user=request.user, **form.cleaned_data)
        except UserError as error:
            form.add_error("address", error.message)
    context = watching_context(request.user, request.GET) | {"secret": secret}
    context |= {"webhook_form": form} if form.errors else {}
    status = 400 if form.errors else 200
    return render(request, "predictions/watching/watching.html", context, status=status)


@page_or_form
@login_required
def webhook_delete(request: SignedInRequest, hook: str) -> HttpResponse:
    webhook = get_object_or_404(request.user.webhooks, pk=hook)
    if request.method != "POST":
        return confirm(request, webhook_deletion_asked(webhook.address, reverse("watching")))
    services.webhook_delete(user=request.user, webhook=webhook)
    messages.success(request, "The webhook is deleted.")
    return redirect(f"{reverse('watching')}#ways")


@require_POST
@login_required
def webhook_test(request: SignedInRequest, hook: str) -> HttpResponse:
    webhook = get_object_or_404(request.user.webhooks, pk=hook)
    services.site_note(request, request.user)
    trial_make(webhook, timezone.now())
    messages.success(request, "A test is sent; below is what came of it, in some seconds.")
    return redirect(f"{reverse('watching')}#deliveries")


@require_POST
@login_required
def webhook_resume(request: SignedInRequest, hook: str) -> HttpResponse:
    webhook = get_object_or_404(request.user.webhooks, pk=hook)
    services.webhook_resume(webhook)
    sending_ask()
    messages.success(request, "The webhook is on; what has waited for it is sent now.")
    return redirect(f"{reverse('watching')}#ways")


# --- deliveries -----------------------------------------------------------------------------------


@require_GET
@login_required
def delivery_list(request: SignedInRequest) -> HttpResponse:
    page = Paginator(deliveries_of(request.user), PAGE_ROWS).get_page(request.GET.get("page"))
    return render(request, "predictions/watching/deliveries.html", {"page_obj": page})


@require_POST
@login_required
def delivery_again_view(request: SignedInRequest, delivery: str) -> HttpResponse:
    found = get_object_or_404(Delivery, uid=delivery, owner=request.user)
    if delivery_again(found, timezone.now()):
        messages.success(request, "It is sent again.")
    else:
        messages.error(request, "Only what was given up can be sent again.")
    return return_to(request, f"{reverse('watching')}#deliveries")
