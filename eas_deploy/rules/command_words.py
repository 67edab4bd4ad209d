"""Start commands as words: enough of a shell to find ports and models, and tolerant of everything else."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from eas_deploy.rules.image_ref import LLM_FRAMEWORKS
from eas_deploy.rules.paths import normalised

# Without any of these, splitting at blanks is what a shell does, and much faster than shlex.
_NEEDS_A_SHELL = re.compile(r"[\"'\\#;&|\n]")
_COMMENT = re.compile(r"(?m)(?:^|(?<=\s))#.*$")
_JOINTS = (("&&", "&&"), (";", "a semicolon"), ("\n", "a newline"))
_SEPARATORS = frozenset(";&|\n")

MODEL_OPTIONS = frozenset(
    {
        "--checkpoint",
        "--checkpoint-path",
        "--checkpoint_path",
        "--ckpt",
        "--ckpt-dir",
        "--ckpt_dir",
        "--ckpt-path",
        "--ckpt_path",
        "--model",
        "--model-dir",
        "--model_dir",
        "--model-name-or-path",
        "--model_name_or_path",
        "--model-path",
        "--model_path",
        "--pretrained-model-name-or-path",
        "--pretrained_model_name_or_path",
    }
)
"""Options whose value is the model, in the servers that PAI's images contain."""

SERVER_MODEL_OPTIONS = frozenset({"--model", "--model-path", "--model_path"})
"""Those of them that vLLM and SGLang have."""

_LONGEST_NUMBER = 10
_FLAGS = re.compile(r"--(?:async|disable|enable|enforce|no|skip|trust|use)[-_].*")
_SHELLS = frozenset({"ash", "bash", "dash", "sh", "zsh"})
_SHELL_TEXT = re.compile(r"-[a-z]*c")
"""The option of a shell after which its text comes: ``-c``, ``-lc``."""


@dataclass(frozen=True, slots=True)
class CommandFacts:
    """What a container's ``command``, ``script`` and ``args`` say; each fact with the key that says it.

    Attributes:
        joint: What makes ``command`` more than a single command, in words; None if nothing does.
        ports: Values of the option ``--port``.
        models: Local absolute paths, normalised, that are named as models.
        oss_urls: Words with an ``oss://`` URL, and whether that is the model of a vLLM or SGLang server.
    """

    joint: str | None
    ports: tuple[tuple[str, int], ...]
    models: tuple[tuple[str, str], ...]
    oss_urls: tuple[tuple[str, bool], ...]


def command_facts(container: Mapping[str, Any], framework: str | None) -> CommandFacts:
    """What a container's command says.

    Args:
        container: The container's JSON object.
        framework: Name of its image; the entry points of vLLM and SGLang take bare arguments.
    """
    command, script, args = container.get("command"), container.get("script"), container.get("args")
    return _facts(
        command if isinstance(command, str) else "",
        script if isinstance(script, str) else "",
        tuple([word if isinstance(word, str) else "" for word in args]) if isinstance(args, list) else (),
        framework in LLM_FRAMEWORKS,
    )


# A config is judged several times on its way: when loaded, when checked, when planned.
@lru_cache(maxsize=256)
def _facts(command: str, script: str, args: tuple[str, ...], is_server_image: bool) -> CommandFacts:
    found = [inner for statement in _statements(command, script, args) for inner in statement.inner()]
    models: list[tuple[str, str]] = []
    oss_urls: list[tuple[str, bool]] = []
    for statement in found:
        server_models = statement.server_models(is_server_image=is_server_image)
        named = [(at, value) for at, option, value in statement.options if option in MODEL_OPTIONS]
        models += [
            (statement.key_of(at), normalised(value))
            for at, value in named or server_models
            if value.startswith("/")
        ]
        models_at = {at for at, _ in server_models}
        oss_urls += [
            (statement.key_of(at), at in models_at)
            for at, word in enumerate(statement.words)
            if "oss://" in word
        ]
    ports = tuple(
        (statement.key_of(at), int(value))
        for statement in found
        for at, option, value in statement.options
        if option == "--port" and value.isascii() and value.isdecimal() and len(value) < _LONGEST_NUMBER
    )
    joint = next((name for sign, name in _JOINTS if sign in command.strip()), None)
    return CommandFacts(joint, ports, tuple(models), tuple(oss_urls))


class _Statement:
    """One simple command.

    Attributes:
        words: Its words, unquoted.
        options: Each option with a value, ``--port 80`` or ``--port=80``: index of the value, name, value.
    """

    def __init__(self, words: Sequence[str], key: str, args: Sequence[str] = ()) -> None:
        self._key = key
        self._args_from = len(words)
        self.words = [*words, *args]
        self.options = list(_options(self.words))

    def key_of(self, index: int) -> str:
        """The key that the word at an index comes from: ``command``, ``script``, ``args[0]``."""
        return self._key if index < self._args_from else f"args[{index - self._args_from}]"

    def inner(self) -> list[_Statement]:
        """The simple commands in the text that this starts a shell with; this one itself if it starts none."""
        for index, word in enumerate(self.words[:-1]):
            if _SHELL_TEXT.fullmatch(word) is None:
                continue
            # Bare arguments continue an entry point that is not known here, often a shell.
            before = self.words[:index]
            if not before or any(one.rpartition("/")[2] in _SHELLS for one in before):
                key = self.key_of(index + 1)
                return [_Statement(words, key) for words in _split(self.words[index + 1])]
        return [self]

    def server_models(self, *, is_server_image: bool) -> list[tuple[int, str]]:
        """The words that name the model of a vLLM or SGLang server, with their indexes."""
        first = self._server_arguments()
        if first is None:
            if not is_server_image or not self._is_arguments_only():
                return []
            first = 0
        named = [(at, value) for at, option, value in self.options if option in SERVER_MODEL_OPTIONS]
        return [*((at, value) for at, value in named if at >= first), *self._positional(first)]

    def _server_arguments(self) -> int | None:
        """The index of the first argument of a vLLM or SGLang server that this starts; None if it does not."""
        for index, word in enumerate(self.words):
            if word == "serve" and index and self.words[index - 1].endswith(("vllm", "sglang")):
                return index + 1
            if word.startswith(("vllm.entrypoints", "sglang.launch_server")):
                return index + 1
        return None

    def _is_arguments_only(self) -> bool:
        return bool(self.words) and (self._args_from == 0 or self.words[0].startswith("-"))

    def _positional(self, first: int) -> Iterator[tuple[int, str]]:
        """The words from an index on that are neither options nor, as far as one can tell, their values."""
        takes_value = False
        for index, word in enumerate(self.words[first:], first):
            if word.startswith("-"):
                takes_value = "=" not in word and _FLAGS.fullmatch(word) is None
            elif takes_value:
                takes_value = False
            else:
                yield index, word


def _options(words: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    for index, word in enumerate(words):
        if word.startswith("--"):
            name, equals, value = word.partition("=")
            if equals:
                yield index, name, value
            elif index + 1 < len(words):
                yield index + 1, name, words[index + 1]


def _statements(command: str, script: str, args: Sequence[str]) -> list[_Statement]:
    """The simple commands of ``command`` and ``script``, the last of them with ``args`` added."""
    texts = [
        (words, key) for key, text in (("command", command), ("script", script)) for words in _split(text)
    ]
    if not args:
        return [_Statement(words, key) for words, key in texts]
    last_words, last_key = texts.pop() if texts else ([], "args")
    return [*(_Statement(words, key) for words, key in texts), _Statement(last_words, last_key, args)]


def _split(text: str) -> list[list[str]]:
    if _NEEDS_A_SHELL.search(text) is None:
        words = text.split()
        return [words] if words else []
    joined = _COMMENT.sub("", text.replace("\\\n", " "))
    lexer = shlex.shlex(joined, posix=True, punctuation_chars=";&|\n")
    lexer.whitespace = " \t\r"
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        tokens = list(lexer)
    except ValueError:
        # A quote that is never closed: the words as they stand are better than none.
        return [words for line in joined.splitlines() if (words := line.split())]
    found: list[list[str]] = [[]]
    for word in tokens:
        if _SEPARATORS.issuperset(word):
            found.append([])
        else:
            found[-1].append(word)
    return [words for words in found if words]
