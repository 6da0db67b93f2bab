"""Formats one event by Elastic's own logger: the event is the JSON text in the first argument."""
import json
import logging
import sys

import ecs_logging

event = json.loads(sys.argv[1])
exception = None
if event["error"]:
    try:
        raise type(event["error"]["type"], (Exception,), {})(event["error"]["message"])
    except Exception:
        exception = sys.exc_info()
record = logging.getLogger(event["logger"]).makeRecord(
    event["logger"],
    getattr(logging, event["level"]),
    event["file"],
    event["line"],
    event["message"],
    (),
    exception,
    extra=event["fields"],
)
print(ecs_logging.StdlibFormatter().format(record))
