"""Does the jobs of a file, each in a fresh instance of MODULE, and prints a line of JSON for each (tests/engines/external.rs).

python3 host.py MODULE JOBS STACK, where STACK is the size of wasm3's stack in bytes.
"""

import json
import sys

import wasm3


class Host:
    def __init__(self, environment, module, stack):
        self.module = environment.parse_module(module)
        self.runtime = environment.new_runtime(stack)
        self.runtime.load(self.module)

    def call(self, name, *arguments):
        return self.runtime.find_function(name)(*arguments)

    def put(self, contents):
        ptr = self.call("alloc", len(contents))
        if ptr == 0:
            raise RuntimeError(f"alloc({len(contents)}) answered 0")
        self.runtime.get_memory(0)[ptr : ptr + len(contents)] = contents
        return ptr, len(contents)

    def text(self, name):
        """Bytes as characters of Latin-1, which JSON can carry."""
        ptr, length = self.call(name + "_ptr"), self.call(name + "_len")
        return bytes(self.runtime.get_memory(0)[ptr : ptr + length]).decode("latin-1")

    def set(self, key, value):
        status = self.call("set", key, value)
        if status != 0:
            raise RuntimeError(f"option {key}: status {status}")

    def write_file(self, name, contents):
        name_at, contents_at = self.put(name), self.put(contents)
        status = self.call("write_file", *name_at, *contents_at)
        if status != 0:
            raise RuntimeError(f"file {name}: status {status}")
        self.call("dealloc", *contents_at)
        self.call("dealloc", *name_at)

    def run(self, chunk):
        source = self.put(chunk)
        answer = self.call("compute", *source)
        self.call("dealloc", *source)
        run = {"answer": answer, "result": self.text("result"), "output": self.text("output")}
        self.call("output_clear")
        return run

    def attempt(self, chunk):
        """What a run leaves; after one that the engine tore down, what the instance answers from then on."""
        try:
            return self.run(chunk)
        except RuntimeError as error:
            return {"trap": str(error), "answer": self.call("compute", 0, 0)}

    def assertions(self):
        """The counting form of the module exports how many assertions ran."""
        try:
            return self.module.get_global("assertions")
        except RuntimeError:
            return 0


def main(module_path, jobs_path, stack):
    with open(module_path, "rb") as file:
        module = file.read()
    with open(jobs_path, encoding="utf-8") as file:
        jobs = json.load(file)
    environment = wasm3.Environment()
    for job in jobs:
        host = Host(environment, module, int(stack))
        for key, value in job["options"]:
            host.set(key, value)
        for name, contents in job["files"]:
            host.write_file(name.encode("latin-1"), contents.encode("latin-1"))
        runs = [host.attempt(chunk.encode("latin-1")) for chunk in job["chunks"]]
        print(json.dumps({"runs": runs, "assertions": host.assertions()}), flush=True)


main(*sys.argv[1:])
