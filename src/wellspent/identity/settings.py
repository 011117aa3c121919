"""Settings: who there is, their keys, and the limits, changeable while everything runs; every change is in the audit log."""

from collections.abc import Mapping
from pathlib import Path
from typing import Self, TypeVar

import msgspec

from wellspent.budgets.budget import AtLimit, Budget, Policy, checked, checked_policy, counted
from wellspent.facts.attribution import Attribution, Scope
from wellspent.facts.clock import Clock, SystemClock
from wellspent.facts.errors import InvalidInput, JournalCorrupt, NotFound
from wellspent.facts.initiative import Choice, Decision, Initiative
from wellspent.identity.audit import Change, replay
from wellspent.identity.directory import Org, Person, Project, Team, check_name
from wellspent.identity.initiatives import budget_of, checked_decision, checked_initiative, pilot_budget_id
from wellspent.identity.keys import Key, KeyRecord, digest_of, free_id, new_secret, restored, stored
from wellspent.identity.store import Store

T = TypeVar("T")
_COMMAND = {"team": "teams", "person": "people", "project": "projects"}


class Settings:
    """The mutable settings of one installation, in one SQLite file that several processes may open.

    Methods raise InvalidInput for values that cannot be, NotFound for names that do not exist, ConfigError where the file cannot be used.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    @classmethod
    def open(cls, path: Path, *, actor: str = "wellspent", clock: Clock | None = None) -> Self:
        """Open the settings, making the file where there is none.

        Args:
            actor: Who makes the changes, for the audit log.
        """
        clock = clock or SystemClock()
        return cls(Store(path, actor, clock), clock)

    def close(self) -> None:
        """Give the file back."""
        self._store.close()

    def version(self) -> int:
        """A number that grows with every change by any process; cheap enough to ask twice a second."""
        return self._store.version()

    # The directory

    def add_org(self, name: str) -> Org:
        """Add an organisation; one that exists stays."""
        return self._put("org", name, Org(check_name("org", name)))

    def add_team(self, name: str, *, org: str = "", contact: str = "") -> Team:
        """Add a team, or change it. Its org is added with it."""
        with self._store.transaction():
            self._org(org)
            return self._put("team", name, Team(check_name("team", name), org, contact))

    def add_person(self, name: str, *, team: str = "", org: str = "", email: str = "") -> Person:
        """Add a person, or change them. The org is their team's unless given. Raises NotFound for an unknown team."""
        with self._store.transaction():
            return self._put("person", name, Person(check_name("person", name), team, self._org_of(org, team), email))

    def add_project(self, name: str, *, team: str = "", org: str = "") -> Project:
        """Add a project, or change it. The org is its team's unless given. Raises NotFound for an unknown team."""
        with self._store.transaction():
            return self._put("project", name, Project(check_name("project", name), team, self._org_of(org, team)))

    def remove_team(self, name: str) -> None:
        """Remove a team. What it spent stays in the ledger. Raises InvalidInput while people, projects or live keys are in it."""
        self._remove("team", name)

    def remove_person(self, name: str) -> None:
        """Remove a person. What they spent stays in the ledger. Raises InvalidInput while they have live keys."""
        self._remove("person", name)

    def remove_project(self, name: str) -> None:
        """Remove a project. What was spent on it stays in the ledger. Raises InvalidInput while it has live keys."""
        self._remove("project", name)

    def orgs(self) -> list[Org]:
        """All organisations, by name."""
        return self._all("org", Org)

    def teams(self) -> list[Team]:
        """All teams, by name."""
        return self._all("team", Team)

    def people(self) -> list[Person]:
        """All people, by name."""
        return self._all("person", Person)

    def projects(self) -> list[Project]:
        """All projects, by name."""
        return self._all("project", Project)

    # Keys

    def create_key(
        self,
        name: str,
        *,
        org: str = "",
        team: str = "",
        person: str = "",
        project: str = "",
        workflow: str = "",
        tags: Mapping[str, str] | None = None,
        expires_ms: int | None = None,
    ) -> tuple[str, Key]:
        """Make a key. What is not said about team and org follows from the person, then from the project, then from the team.

        Returns its secret, which is kept nowhere, and the key. Raises NotFound for a team, person or project that was not added,
        InvalidInput for an expiry that has passed.
        """
        now_ms = self._clock.now_ms()
        if expires_ms is not None and expires_ms <= now_ms:
            raise InvalidInput(f"the key {name!r} would have expired already", fix="give a time to come")
        secret = new_secret()
        with self._store.transaction():
            key_id = free_id(check_name("key", name), {key.id for key in self.keys()})
            holder = self._need("person", person, Person) if person else None
            purpose = self._need("project", project, Project) if project else None
            team = team or (holder.team if holder else "") or (purpose.team if purpose else "")
            org = org or (holder.org if holder else "") or (purpose.org if purpose else "")
            pairs = tuple(sorted((check_name("tag", tag), check_name("tag's value", value)) for tag, value in (tags or {}).items()))
            attribution = Attribution(self._org_of(org, team), team, person, key_id, project, workflow, tags=pairs)
            key = Key(key_id, name, attribution, expires_ms, created_ms=now_ms)
            self._store.put("key", key_id, stored(KeyRecord(key, digest_of(secret))))
        return secret, key

    def revoke_key(self, key_id: str) -> Key:
        """Take a key back, for ever; a running gateway refuses it within ``limits.SETTINGS_POLL_S``. Raises NotFound."""
        with self._store.transaction():
            value = self._store.value("key", key_id)
            if value is None:
                raise NotFound(f"there is no key {key_id!r}", fix="see: wellspent keys list")
            record = restored(value)
            if record.key.revoked:
                return record.key
            key = msgspec.structs.replace(record.key, revoked=True, revoked_ms=self._clock.now_ms())
            self._store.put("key", key_id, stored(KeyRecord(key, record.sha256)))
        return key

    def keys(self) -> list[Key]:
        """Every key ever made, by id; revoked ones too."""
        return [record.key for record in self.key_records()]

    def key_records(self) -> list[KeyRecord]:
        """Every key with the digest of its secret, for ``KeyRing``."""
        return [restored(value) for value in self._store.values("key")]

    # Limits

    def set_budget(self, budget: Budget) -> None:
        """Add a budget, or change the one of that id.

        Raises InvalidInput where that id has counted something else before: its windows in the ledger would change their meaning.
        """
        with self._store.transaction():
            name = check_name("budget", checked(budget).id)
            former = [each.after for each in self._store.changes() if each.kind == "budget" and each.name == name and each.after]
            known = msgspec.json.decode(former[-1], type=Budget) if former else budget
            if counted(known) != counted(budget):
                what = f"{known.measure} of {known.scope} by {known.period}" + (f", {', '.join(known.models)} only" if known.models else "")
                raise InvalidInput(f"the budget {name!r} counts {what}", fix="give what counts something else a name of its own")
            self._put("budget", name, budget)

    def remove_budget(self, budget_id: str) -> None:
        """Remove a budget. Raises NotFound."""
        self._drop("budget", budget_id)

    def budgets(self) -> list[Budget]:
        """All budgets, by id."""
        return self._all("budget", Budget)

    def set_policy(self, policy: Policy) -> None:
        """Set the policy of its scope; each scope has one."""
        self._put("policy", str(policy.scope), checked_policy(policy))

    def remove_policy(self, scope: Scope) -> None:
        """Remove the policy of a scope. Raises NotFound."""
        self._drop("policy", str(scope))

    def policies(self) -> list[Policy]:
        """All policies, by scope."""
        return self._all("policy", Policy)

    # Initiatives

    def set_initiative(self, initiative: Initiative, *, limit_nanousd: int | None = None, at_limit: AtLimit | None = None) -> Initiative:
        """Add an initiative, or change it. A decision stands until there is a new day to decide by.

        Args:
            limit_nanousd: What it may spend in all; kept as a budget of its scope, ``pilot-NAME``. None leaves that as it is.
            at_limit: What happens there: ``alert`` for a new budget unless said.

        Raises InvalidInput where another scope had that name, since its figures would change their meaning, and for a person's key.
        """
        with self._store.transaction():
            former = [each.after for each in self._store.changes() if (each.kind, each.name) == ("initiative", initiative.name) and each.after]
            known = msgspec.json.decode(former[-1], type=Initiative) if former else initiative
            if known.scope != initiative.scope:
                raise InvalidInput(f"the initiative {initiative.name!r} is about {known.scope}", fix="give another one a name of its own")
            stands = self._store.value("initiative", initiative.name) is not None and known.decide_by == initiative.decide_by
            self._check_nobodys(initiative)
            budget = self._pilot_budget(checked_initiative(initiative), limit_nanousd, at_limit)
            decision = known.decision if stands else None
            kept = msgspec.structs.replace(initiative, decision=decision, budget=budget.id if budget else "")
            return self._put("initiative", kept.name, kept)

    def _check_nobodys(self, initiative: Initiative) -> None:
        scope = initiative.scope
        if scope.kind == "key" and any(key.id == scope.name and key.attribution.person for key in self.keys()):
            raise InvalidInput(
                f"the initiative {initiative.name!r} cannot be about the key {scope.name!r}, which is one person's",
                fix="pilot a team, project, workflow or tag, or a key that belongs to nobody",
            )

    def decide_initiative(self, name: str, choice: Choice, *, by: str, because: str) -> Initiative:
        """Decide an initiative; an earlier decision stays in the audit log. Raises NotFound."""
        with self._store.transaction():
            decision = checked_decision(Decision(choice, by, self._clock.now_ms(), because))
            return self._put("initiative", name, msgspec.structs.replace(self.initiative(name), decision=decision))

    def remove_initiative(self, name: str) -> None:
        """Remove an initiative. Its budget stays, and its history in the audit log. Raises NotFound."""
        with self._store.transaction():
            self.initiative(name)
            self._drop("initiative", name)

    def initiative(self, name: str) -> Initiative:
        """One initiative. Raises NotFound."""
        value = self._store.value("initiative", name)
        if value is None:
            raise NotFound(f"there is no initiative {name!r}", fix="see: wellspent initiatives")
        return msgspec.json.decode(value, type=Initiative)

    def initiatives(self) -> list[Initiative]:
        """All initiatives, by name."""
        return self._all("initiative", Initiative)

    # The audit log

    def audit(self) -> list[Change]:
        """Every change there ever was, oldest first."""
        return list(self._store.changes())

    def verify(self) -> int:
        """Re-derive the audit log's chain, and the settings from it. Returns the number of changes; raises JournalCorrupt."""
        with self._store.transaction():
            changes, stored = self.audit(), self._store.everything()
        if replay(changes) != stored:
            raise JournalCorrupt("the settings are not what the audit log says", fix="restore settings.db from a backup; somebody edited it by hand")
        return len(changes)

    def _all(self, kind: str, of: type[T]) -> list[T]:
        decoder = msgspec.json.Decoder(of)
        return [decoder.decode(value) for value in self._store.values(kind)]

    def _need(self, kind: str, name: str, of: type[T]) -> T:
        value = self._store.value(kind, name)
        if value is None:
            raise NotFound(f"there is no {kind} {name!r}", fix=f"add it with: wellspent {_COMMAND[kind]} add {name}")
        return msgspec.json.decode(value, type=of)

    def _put(self, kind: str, name: str, value: T) -> T:
        self._store.put(kind, name, msgspec.json.encode(value).decode())
        return value

    def _drop(self, kind: str, name: str) -> None:
        if not self._store.put(kind, name, None):
            raise NotFound(f"there is no {kind} {name!r}", fix="list what there is")

    def _pilot_budget(self, initiative: Initiative, limit_nanousd: int | None, at_limit: AtLimit | None) -> Budget | None:
        """The budget of an initiative, made to say the same as it; None where it has none."""
        before = next((each for each in self.budgets() if each.id == pilot_budget_id(initiative.name)), None)
        if before is None and limit_nanousd is None:
            if at_limit is not None:
                raise InvalidInput(f"the initiative {initiative.name!r} has no budget that could {at_limit}", fix="say what it may spend")
            return None
        budget = budget_of(initiative, limit_nanousd, at_limit, before)
        self.set_budget(budget)
        return budget

    def _org(self, name: str) -> None:
        if name:
            self._put("org", name, Org(check_name("org", name)))

    def _org_of(self, org: str, team: str) -> str:
        if team:
            org = org or self._need("team", team, Team).org
        self._org(org)
        return org

    def _remove(self, kind: str, name: str) -> None:
        with self._store.transaction():
            users = [f"key {key.id}" for key in self.keys() if not key.revoked and getattr(key.attribution, kind) == name]
            if kind == "team":
                users += [f"person {person.name}" for person in self.people() if person.team == name]
                users += [f"project {project.name}" for project in self.projects() if project.team == name]
            if users:
                raise InvalidInput(f"the {kind} {name!r} is still used by {', '.join(users[:5])}", fix="revoke or move those first")
            self._drop(kind, name)
