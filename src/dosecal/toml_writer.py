"""Values as TOML, for the files that dosecal writes."""

from datetime import date, datetime, time


def toml_text(text: str) -> str:
    """Return a TOML basic string; JSON's escapes are among TOML's, and DEL is escaped too."""
    import json

    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def toml_value(value: object) -> str:
    """Return a value in TOML."""
    match value:
        case bool():
            return str(value).lower()
        case datetime():
            return value.strftime("%Y-%m-%dT%H:%M:%SZ")
        case date() | time():
            return value.isoformat()
        case tuple() | list():
            return f"[{', '.join(toml_value(each) for each in value)}]"
        case dict():
            pairs = [f"{key} = {toml_value(each)}" for key, each in value.items()]
            return f"{{ {', '.join(pairs)} }}"
        case str():
            return toml_text(value)
        case _:
            return str(value)
