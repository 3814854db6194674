"""The cache that all processes share, without which the site works on."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, Final

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

PAUSE: Final = 5.0  # seconds; a Redis that does not answer would otherwise hold up every page anew

logger = logging.getLogger(__name__)


class CacheAway(ConnectionError):
    """Redis cannot be asked, and the question has no harmless answer."""


class FailSoftClient(RedisCacheClient):
    """While Redis is away nothing is found and nothing is kept; only counting says so."""

    def __init__(self, servers: Any, **options: Any) -> None:
        # One retry for a connection that has died meanwhile, and none of the library's pauses of
        # seconds.
        super().__init__(servers, retry=Retry(NoBackoff(), 1), **options)
        self._away_until = 0.0

    def _ask(self, question: Callable[..., Any], *arguments: Any) -> Any:
        if time.monotonic() < self._away_until:
            raise CacheAway
        try:
            return question(*arguments)
        except RedisError as error:
            self._away_until = time.monotonic() + PAUSE
            logger.warning("Redis is away (%s); the site works on without it.", error)
            raise CacheAway from error

    def _or_default(self, instead: Any, question: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return self._ask(question, *arguments)
        except CacheAway:
            return instead

    def add(self, key: Any, value: Any, timeout: Any) -> Any:
        return self._or_default(False, super().add, key, value, timeout)

    def get(self, key: Any, default: Any) -> Any:
        return self._or_default(default, super().get, key, default)

    def set(self, key: Any, value: Any, timeout: Any) -> Any:
        return self._or_default(None, super().set, key, value, timeout)

    def touch(self, key: Any, timeout: Any) -> Any:
        return self._or_default(False, super().touch, key, timeout)

    def delete(self, key: Any) -> Any:
        return self._or_default(False, super().delete, key)

    def get_many(self, keys: Any) -> Any:
        return self._or_default({}, super().get_many, list(keys))

    def has_key(self, key: Any) -> Any:
        return self._or_default(False, super().has_key, key)

    def incr(self, key: Any, delta: Any) -> Any:
        return self._ask(super().incr, key, delta)

    def set_many(self, data: Any, timeout: Any) -> Any:
        return self._or_default(None, super().set_many, data, timeout)

    def delete_many(self, keys: Any) -> Any:
        return self._or_default(None, super().delete_many, list(keys))

    def clear(self) -> Any:
        return self._or_default(False, super().clear)


class SharedCache(RedisCache):
    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = FailSoftClient
