// Times that people and nbgrader wrote down. JavaScript's own reader takes 11.12.2026 for the twelfth of November, the
// thirty-first of November for the first of December, and a day alone for its beginning in Greenwich.

/** A year, … with two digits each, and what stands behind. */
const form =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)? ?(Z|UTC|GMT|[+-]\d\d:?\d\d|[A-Za-z][\w/+-]*)?$/;

/** Names of zones in summer, which the system's list does not have, in hours east of Greenwich. */
const summer: Readonly<Record<string, number>> = {
  WEST: 1,
  BST: 1,
  CEST: 2,
  EEST: 3,
  EDT: -4,
  CDT: -5,
  MDT: -6,
  PDT: -7,
};
const MINUTE = 60_000;

/** As if its clock were that of Greenwich; nothing where there is no such day or hour. */
function clockIn(text: string): { clock: number; zone?: string } | undefined {
  const found = form.exec(text.trim());
  if (!found) return undefined;
  const [year, month, day, hour, minute, second = 0] = found.slice(1, 7).map((part) => Number(part ?? 0)),
    clock = Date.UTC(year, month - 1, day, hour, minute, second);
  const said = `${found[1]}-${found[2]}-${found[3]}T${found[4]}:${found[5]}`;
  if (Number.isNaN(clock) || new Date(clock).toISOString().slice(0, 16) !== said || second > 59) return undefined;
  return { clock, ...(found[7] && { zone: found[7] }) };
}

/** When something is due: local time unless it says otherwise. */
export function timeOf(text: string): Date | undefined {
  const { clock, zone } = clockIn(text) ?? {};
  if (clock === undefined || (zone && !/^(?:Z|[+-])/.test(zone))) return undefined;
  if (zone) return new Date(clock - minutesEast(zone, clock)! * MINUTE);
  const at = new Date(clock),
    local = new Date(0);
  local.setFullYear(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate());
  local.setHours(at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds(), 0);
  return local;
}

/**
 * Of nbgrader's note: `2026-11-24 18:00:00 UTC`, or with the zone that the course has set; without one it is UTC, as
 * for nbgrader. Nothing where it names no time, or one of a year that Python's dates do not have.
 */
export function timeOfStamp(note: string): Date | undefined {
  const { clock, zone = "UTC" } = clockIn(note.trim().slice(0, 80)) ?? {};
  if (clock === undefined) return undefined;
  const east = minutesEast(zone, clock),
    time = new Date(clock - (east ?? NaN) * MINUTE);
  return time.getTime() > 0 ? time : undefined;
}

export const timestampText = (time: Date): string =>
  `${time.toISOString().replace("T", " ").replace(/\..*/, "")} UTC\n`;

/** How far a zone's clock is before that of Greenwich, when it shows so much. */
function minutesEast(zone: string, clock: number): number | undefined {
  if (/^(?:Z|UTC|GMT)$/.test(zone)) return 0;
  const written = /^([+-])(\d\d):?(\d\d)$/.exec(zone);
  if (written) return Number(`${written[1]}1`) * (60 * Number(written[2]) + Number(written[3]));
  if (Object.hasOwn(summer, zone)) return 60 * summer[zone];
  try {
    // Twice: on the day on which clocks are set, the first guess may be an hour off.
    const east = (at: number): number => {
      const parts = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" }).formatToParts(at);
      const shown = parts.find(({ type }) => type === "timeZoneName")!.value.slice("GMT".length);
      return shown ? minutesEast(shown, at)! : 0;
    };
    return east(clock - east(clock) * MINUTE);
  } catch {
    return undefined;
  }
}
