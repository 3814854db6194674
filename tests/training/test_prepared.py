"""A prepared query finds what its queryset finds, and finds it anew each time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from knox.models import AuthToken

from training.accounts.models import Scope, TokenGrant
from training.models import ModelVersion
from training.prepared import PreparedQuery

pytestmark = pytest.mark.django_db


def tokens(text: str) -> Any:
    return AuthToken.objects.filter(token_key=text).select_related("user", "grant")


def columns(row: Any) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_rows_are_those_of_the_queryset_with_their_related_rows(member: User, django_assert_num_queries: Any) -> None:
    granted, _ = AuthToken.objects.create(member, expiry=timedelta(days=1))
    grant = TokenGrant.objects.create(token=granted, name="laptop", scopes=[Scope.READ], last_used_at=timezone.now())
    plain, _ = AuthToken.objects.create(member, expiry=None)
    prepared, owner = PreparedQuery(tokens), User.objects.get(pk=member.pk)
    for token in (granted, plain, granted):
        with django_assert_num_queries(1):
            (found,) = prepared.rows(token.token_key)
            assert found.user == member
            assert columns(found) == columns(token)
            assert columns(found.user) == columns(owner)
    (found,) = prepared.rows(granted.token_key)
    assert (found.grant.scopes, found.grant.last_used_at) == (grant.scopes, grant.last_used_at)
    assert getattr(prepared.rows(plain.token_key)[0], "grant", None) is None


@pytest.mark.parametrize("text", ["", "nobody's", "' OR 1=1 --", "%s", "%"])
def test_a_text_is_only_looked_for(text: str, member: User) -> None:
    AuthToken.objects.create(member)
    assert PreparedQuery(tokens).rows(text) == []


def test_nothing_is_remembered(member: User) -> None:
    token, _ = AuthToken.objects.create(member)
    prepared = PreparedQuery(tokens)
    assert prepared.rows(token.token_key) == [token]
    User.objects.filter(pk=member.pk).update(is_active=False)
    assert not prepared.rows(token.token_key)[0].user.is_active
    token.delete()
    assert prepared.rows(token.token_key) == []


def test_the_version_in_service_comes_without_its_metadata(django_assert_num_queries: Any) -> None:
    version = ModelVersion.objects.active()
    with django_assert_num_queries(1):
        found = ModelVersion.objects.serving()
        assert (found, found.name, found.sha256) == (version, version.name, version.sha256)
    assert found.get_deferred_fields() == {"metadata", "notes"}
    assert found.metadata == version.metadata
    ModelVersion.objects.update(is_active=False)
    with pytest.raises(ModelVersion.DoesNotExist):
        ModelVersion.objects.serving()
