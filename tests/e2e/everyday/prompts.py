"""Prompts: registered models of a special kind, which other searches do not show."""

import mlflow

from everyday.common import client, needs, refused, unique


def prompts():
    needs(mlflow, "register_prompt", "load_prompt")
    name = f"prompt-{unique}"
    first = mlflow.register_prompt(name, "Say {{word}}.", commit_message="first", tags={"language": "en"})
    second = mlflow.register_prompt(name, "Say {{word}} to {{name}}.")
    assert [int(first.version), int(second.version)] == [1, 2]
    loaded = mlflow.load_prompt(name, version=1)
    assert loaded.template == "Say {{word}}." and loaded.commit_message == "first"
    assert loaded.format(word="hello") == "Say hello."
    assert mlflow.load_prompt(f"prompts:/{name}/2").format(word="hi", name="Ada") == "Say hi to Ada."
    mlflow.set_prompt_alias(name, alias="live", version=1)
    assert int(mlflow.load_prompt(f"prompts:/{name}@live").version) == 1
    mlflow.set_prompt_alias(name, alias="live", version=2)
    assert int(client.load_prompt(f"prompts:/{name}@live").version) == 2
    mlflow.delete_prompt_alias(name, alias="live")
    refused(None, mlflow.load_prompt, f"prompts:/{name}@live")
    assert name not in [model.name for model in client.search_registered_models()]
    refused(None, mlflow.load_prompt, f"prompts:/{name}/9")
    refused(None, client.copy_model_version, f"models:/{name}/1", f"of a prompt {unique}")
    model = f"model-{unique}"
    client.create_registered_model(model)
    refused("RESOURCE_ALREADY_EXISTS", client.create_registered_model, name)
    if hasattr(client, "search_prompts"):
        prompts_of_3x(name)


def prompts_of_3x(name):
    client.set_prompt_tag(name, "team", "blue")
    assert client.get_prompt(name).tags["team"] == "blue"
    client.delete_prompt_tag(name, "team")
    client.set_prompt_version_tag(name, 1, "reviewed", "yes")
    assert client.get_prompt_version(name, 1).tags["reviewed"] == "yes"
    client.delete_prompt_version_tag(name, 1, "reviewed")
    assert "reviewed" not in client.get_prompt_version(name, 1).tags
    chat = [{"role": "system", "content": "Be {{mood}}."}, {"role": "user", "content": "{{question}}"}]
    mlflow.register_prompt(name, chat, response_format={"type": "object"})
    third = mlflow.load_prompt(name, version=3)
    assert third.template == chat and third.response_format == {"type": "object"}
    assert [prompt.name for prompt in client.search_prompts(f"name = '{name}'")] == [name]
    client.delete_prompt_version(name, "3")
    client.delete_prompt_version(name, "2")
    client.delete_prompt_version(name, "1")
    client.delete_prompt(name)
    assert client.get_prompt(name) is None
