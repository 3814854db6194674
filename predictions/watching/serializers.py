"""What programs send about watching; also what the OpenAPI document says about it."""

from __future__ import annotations

from typing import Any, Final

from rest_framework import serializers

from predictions.watching.models import Watcher
from predictions.watching.webhooks.addresses import LONGEST

_TEXT: Final = {"type": "string", "pattern": r"^[^\u0000]*$"}
WATCH_SENT: Final = {
    "type": "object",
    "description": "One of signal, star and query.",
    "properties": {
        "signal": _TEXT | {"minLength": 1, "maxLength": 100, "description": "As in its address."},
        "star": _TEXT | {"minLength": 1, "maxLength": 100, "description": "As in its address."},
        "query": _TEXT | {"maxLength": 1000, "description": "Of a list, as in its address."},
        "threshold": {"type": "number", "minimum": 0.01, "maximum": 0.99},
    },
    "additionalProperties": False,
    "oneOf": [{"required": ["signal"]}, {"required": ["star"]}, {"required": ["query"]}],
}
WEBHOOK_SENT: Final = {
    "type": "object",
    "properties": {"address": {"type": "string", "minLength": 1, "maxLength": LONGEST}},
    "required": ["address"],
    "additionalProperties": False,
}
MAIL_SENT: Final = {
    "type": "object",
    "properties": {"mail": {"type": "string", "enum": list(Watcher.Mail.values)}},
    "required": ["mail"],
    "additionalProperties": False,
}


class Known(serializers.Serializer[Any]):
    """Takes no other names than its own."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if unknown := sorted(set(self.initial_data) - set(self.fields)):
            sentence = f"This is no part of what is sent; send {', '.join(self.fields)}."
            raise serializers.ValidationError({name: [sentence] for name in unknown})
        return attrs


class Text(serializers.CharField):
    """As it is sent; a number is none."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class WatchRequestSerializer(Known):
    signal = Text(required=False, max_length=100)
    star = Text(required=False, max_length=100)
    query = Text(required=False, max_length=1000, allow_blank=True)
    threshold = serializers.FloatField(required=False, min_value=0.01, max_value=0.99)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        given = super().validate(attrs)
        if sum(name in given for name in ("signal", "star", "query")) != 1:
            raise serializers.ValidationError("Send one of signal, star and query.")
        return given


class WebhookRequestSerializer(Known):
    address = Text(max_length=LONGEST)


class MailRequestSerializer(Known):
    mail = serializers.ChoiceField(choices=Watcher.Mail.values)
