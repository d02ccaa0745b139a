"""A set of which a random member can be had at once, the same one for the same seed."""

from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


class Lottery(Generic[T]):
    """Members in no order; all operations take constant time."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._members: list[T] = []
        self._places: dict[T, int] = {}

    def __len__(self) -> int:
        return len(self._members)

    def add(self, member: T) -> None:
        """Put a member in; nothing when it is in."""
        if member not in self._places:
            self._places[member] = len(self._members)
            self._members.append(member)

    def discard(self, member: T) -> None:
        """Take a member out; nothing when it is not in."""
        place = self._places.pop(member, None)
        if place is None:
            return
        last = self._members.pop()
        if last is not member:
            self._members[place] = last
            self._places[last] = place

    def draw(self) -> T:
        """A member, each as likely, which stays in."""
        return self._members[int(self._random.random() * len(self._members))]
