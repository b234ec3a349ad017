"""Providers by name, in the order in which they are asked; a library is imported when named."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pydantic_ai.exceptions import ModelUnavailableError
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings

from services.adapters.model_agent import MAX_OUTPUT_TOKENS
from services.adapters.model_rest import Rest

if TYPE_CHECKING:
    import httpx2

OFFLINE = "offline"
NOTHING = "none"

RESTING = "is left alone for a while"


class Provided(WrapperModel):
    """A provider's model that is not asked while it rests; `asked` is its name in the settings."""

    def __init__(self, asked: str, wrapped: Model, rest: Rest) -> None:
        super().__init__(wrapped)
        self.asked = asked
        self.rest = rest

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """Ask the provider.  Raises `ModelUnavailableError` at once while it rests."""
        if self.rest.resting:
            raise ModelUnavailableError(self.model_name, f"{self.asked} {RESTING}")
        response = await super().request(messages, model_settings, model_request_parameters)
        self.rest.answered()
        return response


Client = Callable[[], "httpx2.AsyncClient"]


def provided(
    asked: str,
    keys: Mapping[str, str],
    base_urls: Mapping[str, str],
    request_timeout_s: float,
    client: Client,
) -> Provided:
    """
    Return the model of one `provider:name`; `client` makes the connections it may use.

    Raises `ValueError` for a provider that is not known or has no key, `ImportError` where its
    library is not installed.
    """
    provider, _, name = asked.partition(":")
    build = _PROVIDERS.get(provider)
    if build is None or not name:
        known = ", ".join(f"{each}:<name>" for each in _PROVIDERS)
        raise ValueError(f"the model {asked!r} is not known: {known}, or {OFFLINE}")
    key = keys.get(provider)
    if not key:
        raise ValueError(f"the model {asked!r} needs a key of {provider}")
    settings = ModelSettings(
        request_timeout=request_timeout_s,
        timeout=request_timeout_s,
        max_retries=0,
        max_tokens=MAX_OUTPUT_TOKENS,
        thinking="low",
        # By default a text with `<system>` in it would change the instructions' first bytes,
        # and everybody's cached prefix with them.
        framing_announcement="always",
    )
    return Provided(asked, build(name, key, base_urls.get(provider), settings, client), Rest())


def _google(
    name: str, key: str, base_url: str | None, settings: ModelSettings, client: Client
) -> Model:
    from pydantic_ai.models.google import GoogleModel  # noqa: PLC0415
    from pydantic_ai.providers.google import GoogleProvider  # noqa: PLC0415

    provider = GoogleProvider(api_key=key, base_url=base_url, http_client=client())
    return GoogleModel(name, provider=provider, settings=settings)


def _openai(
    name: str, key: str, base_url: str | None, settings: ModelSettings, client: Client
) -> Model:
    from pydantic_ai.models.openai import OpenAIChatModel  # noqa: PLC0415
    from pydantic_ai.providers.openai import OpenAIProvider  # noqa: PLC0415

    provider = OpenAIProvider(api_key=key, base_url=base_url, http_client=client())
    return OpenAIChatModel(name, provider=provider, settings=settings)


def _anthropic(
    name: str, key: str, base_url: str | None, settings: ModelSettings, client: Client
) -> Model:
    from pydantic_ai.models.anthropic import AnthropicModel  # noqa: PLC0415
    from pydantic_ai.providers.anthropic import AnthropicProvider  # noqa: PLC0415

    provider = AnthropicProvider(api_key=key, base_url=base_url, http_client=client())
    return AnthropicModel(name, provider=provider, settings=settings)


_PROVIDERS = {"google": _google, "openai": _openai, "anthropic": _anthropic}
