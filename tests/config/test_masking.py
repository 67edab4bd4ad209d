"""Secrets are written to the wire in full and shown nowhere."""

import copy
import json
import logging
import pickle
import traceback

import pytest

from eas_deploy.config import ConfigError, Container, EnvVar, GitMount, ServiceConfig, lint

CANARY = "canary-4711"
VALID = {
    "metadata": {"name": "demo"},
    "containers": [
        {
            "image": "registry.example.com/me/app:1",
            "port": 8000,
            "command": "python app.py",
            "dockerAuth": CANARY,
            "env": [{"name": "MODE", "value": CANARY}],
        }
    ],
    "storage": [
        {
            "mount_path": "/code",
            "git": {"repo": f"https://me:{CANARY}@example.com/code.git", "password": CANARY},
        }
    ],
    "cloud": {"computing": {"instance_type": "ecs.gn7i-c8g1.2xlarge"}},
    "token": CANARY,
    "dockerAuth": CANARY,
    "confidential": {"decryption_key": CANARY},
    "labels": {"max_tokens": 5},
}


def _broken_at_every_secret():
    broken = copy.deepcopy(VALID)
    broken["token"] = [CANARY]
    broken["dockerAuth"] = {"auth": CANARY}
    broken["containers"][0]["env"] = [
        {"name": "A", "value": [CANARY]},
        {"nmae": "A", "value": CANARY},
        CANARY,
    ]
    broken["storage"][0]["git"] = {"repo": f"http://me:{CANARY}@x/", "password": [CANARY]}
    return broken


def test_secrets_are_shown_in_no_text():
    config = ServiceConfig.load(VALID)
    shown = [repr(config), str(config), config._repr_html_(), repr(config.containers), f"{config.storage}"]
    shown += [str(config.masked()), str(config.check()), repr(list(config.__repr_args__()))]
    shown += [repr(EnvVar(name="A", value=CANARY)), repr(GitMount(repo="https://x", password=CANARY))]
    shown += [repr(Container(image="a:1", env=[{"name": "A", "value": CANARY}]))]
    assert [text for text in shown if CANARY in text] == []


def test_secrets_are_on_the_wire():
    config = ServiceConfig.load(VALID)
    assert config.to_wire() == VALID
    assert config.token == CANARY
    assert pickle.loads(pickle.dumps(config)).to_wire() == VALID


def test_masked_is_the_wire_form_with_stars():
    masked = ServiceConfig.load(VALID).masked()
    assert masked["containers"][0]["env"] == [{"name": "MODE", "value": "***"}]
    assert masked["storage"][0]["git"] == {"repo": "https://***@example.com/code.git", "password": "***"}
    assert (masked["token"], masked["dockerAuth"]) == ("***", "***")
    assert masked["confidential"] == {"decryption_key": "***"}
    assert masked["labels"] == {"max_tokens": 5}
    assert masked["metadata"] == VALID["metadata"]


def test_findings_show_no_secrets():
    assert CANARY not in str(lint(_broken_at_every_secret()))


ROUTES = [
    ServiceConfig.load,
    ServiceConfig.model_validate,
    lambda document: ServiceConfig(**document),
    lambda document: ServiceConfig.load(VALID).model_copy(update=document),
]


@pytest.mark.parametrize("route", ROUTES)
def test_a_refusal_shows_no_secrets_even_with_the_locals_of_our_frames(route, caplog):
    with caplog.at_level(logging.DEBUG), pytest.raises(ConfigError) as caught:
        route(_broken_at_every_secret())
    rendered = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    for frame in rendered.stack:
        if "eas_deploy" in frame.filename:
            assert CANARY not in str(frame.locals)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert CANARY not in caplog.text


def test_pydantic_shows_no_input_inside_another_model():
    from pydantic import BaseModel, ValidationError

    class Holder(BaseModel):
        config: ServiceConfig
        git: GitMount | None = None

    with pytest.raises(ValidationError) as caught:
        Holder(config=VALID, git={"repo": 3, "password": CANARY})
    assert [one["type"] for one in caught.value.errors()] == ["string_type"]


def test_pydantic_shows_nothing_of_a_refused_config_inside_another_model():
    from pydantic import BaseModel, TypeAdapter, ValidationError

    class Holder(BaseModel):
        config: ServiceConfig

    broken = {"token": CANARY, **_broken_at_every_secret()}
    for refuse in (
        lambda: Holder(config=broken),
        lambda: Holder.model_validate_json(json.dumps({"config": broken})),
        lambda: TypeAdapter(list[ServiceConfig]).validate_python([broken]),
    ):
        with pytest.raises(ValidationError) as caught:
            refuse()
        assert CANARY not in str(caught.value) + repr(caught.value.errors())
