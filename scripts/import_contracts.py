"""Import rules that follow from where a module lies and what it is called (docs/architecture.md).

They need no list of topics: one that is added tomorrow is held to them as well.
"""

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class DoorsContract(Contract):
    """What of a topic others may import.

    `private`: file names that are nobody else's business: a topic's pages and what stands at its edge.
    `doors`: for some topics the only modules that others may import.
    `shared`: packages that are there to be used by all topics.
    `entrances`: the modules that put the parts together and may import all of them.
    """

    type_name = "doors"

    root = fields.StringField()
    private = fields.SetField(subfield=fields.StringField())
    doors = fields.SetField(subfield=fields.StringField())
    shared = fields.SetField(subfield=fields.StringField())
    entrances = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        broken = [
            (importer, imported)
            for importer in sorted(graph.modules)
            if importer.startswith(f"{self.root}.") and importer not in self.entrances
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if not self._may(importer, imported)
        ]
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def _may(self, importer: str, imported: str) -> bool:
        topic = ".".join(imported.split(".")[:2])
        is_ours = imported.startswith(f"{topic}.") and topic.startswith(f"{self.root}.")
        if not is_ours or topic in self.shared or importer == topic or importer.startswith(f"{topic}."):
            return True
        doors = {door for door in self.doors if door.startswith(f"{topic}.")}
        return (not doors or imported in doors) and imported.rpartition(".")[2] not in self.private

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, imported in check.metadata["broken"]:
            output.print_error(f"{importer} must not import {imported}")
