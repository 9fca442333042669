"""Makes the gRPC calls that come as JSON on the standard input, all at once, and writes what became of each as JSON."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor

import grpc
from google.protobuf import json_format
from tritonclient.grpc import service_pb2


def serialized(name, fields):
    return json_format.ParseDict(fields, getattr(service_pb2, name)()).SerializeToString() if name else b""


def parsed(name, message):
    return json_format.MessageToDict(getattr(service_pb2, name).FromString(message)) if name else {}


def make(channel, call):
    service, method = call["method"].strip("/").rsplit("/", 1)
    names = service == "inference.GRPCInferenceService"
    request = serialized(call.get("request", f"{method}Request") if names else None, call.get("fields", {}))
    metadata = [("authorization", f"Bearer {call['key']}")] if call["key"] else []
    try:
        if "messages" in call:
            replies, running = [], channel.stream_stream(call["method"])(
                iter([request] * call["messages"]), metadata=metadata, timeout=60
            )
            for message in running:
                replies.append(parsed("ModelStreamInferResponse", message))
        else:
            reply, running = channel.unary_unary(call["method"]).with_call(request, metadata=metadata, timeout=60)
            replies = [parsed(f"{method}Response" if names else None, reply)]
        status, message = running.code().name, running.details()
    except grpc.RpcError as error:
        replies, running, status, message = [], error, error.code().name, error.details()
    headers = dict([*(running.initial_metadata() or ()), *(running.trailing_metadata() or ())])
    return {"status": status, "message": message, "replies": replies, "headers": headers}


def main():
    asked = json.load(sys.stdin)
    limits = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1), ("grpc.enable_retries", 0)]
    with grpc.insecure_channel(asked["address"], limits) as channel, ThreadPoolExecutor(32) as pool:
        json.dump(list(pool.map(lambda call: make(channel, call), asked["calls"])), sys.stdout, default=str)


main()
