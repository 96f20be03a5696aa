// The people who work here, by the names that their tokens give.

import { Menu } from "@base-ui/react/menu";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { answer, api } from "../api/client";
import { useSession } from "./session";

const peopleQuery = queryOptions({
  queryKey: ["people"],
  queryFn: () => answer(api.GET("/api/v1/people")),
  staleTime: 5 * 60_000,
});

/** Returns what to call a subject: the person's name, or the subject of a program or stranger. */
export function useNames(): (subject: string) => string {
  const { data } = useQuery(peopleQuery);
  return (subject) => data?.people.find((one) => one.subject === subject)?.name ?? subject;
}

/** Somebody, by name. */
export function PersonName({ subject }: { subject: string }) {
  const nameOf = useNames();
  const { me } = useSession();
  return <bdi className="isolate">{subject === me.subject ? "you" : nameOf(subject)}</bdi>;
}

interface Props {
  onAssign: (to: string | undefined) => void;
}

/** A menu of the people that work can be handed to. */
export function AssignMenu({ onAssign }: Props) {
  const { data } = useQuery(peopleQuery);
  const { me } = useSession();
  const others = data?.people.filter((one) => one.subject !== me.subject) ?? [];
  return (
    <Menu.Root>
      <Menu.Trigger className="button">Assign</Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner align="end" sideOffset={6}>
          <Menu.Popup className="popup">
            <Menu.Item onClick={() => onAssign(me.subject)}>To me</Menu.Item>
            {others.map((one) => (
              <Menu.Item key={one.subject} onClick={() => onAssign(one.subject)}>
                {one.name}
              </Menu.Item>
            ))}
            <Menu.Item onClick={() => onAssign(undefined)}>To nobody</Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
