// Times that people and nbgrader wrote down. JavaScript's own reader takes 11.12.2026 for the twelfth of November, the
// thirty-first of November for the first of December, and a day alone for its beginning in Greenwich.

/** A year, … with two digits each, and what stands behind. */
const form =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)? ?(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?|[A-Za-z][\w/+-]*)?$/;

/**
 * What Python calls the clocks of the world, in hours east of Greenwich. JavaScript takes these letters for other zones
 * (AST for Alaska), or for zones with a summer. Where several clocks have one name, it is the machine's own, or none.
 */
const clocks: Readonly<Record<string, readonly number[]>> = {
  ...{ HST: [-10], HDT: [-9], AKST: [-9], AKDT: [-8], PST: [-8, 8], PDT: [-7], MST: [-7], MDT: [-6] },
  ...{ CST: [-6, 8], CDT: [-5], EST: [-5], EDT: [-4], AST: [-4], ADT: [-3], NST: [-3.5], NDT: [-2.5] },
  ...{ WET: [0], WEST: [1], BST: [1], IST: [5.5, 2, 1], CET: [1], CEST: [2], MET: [1], MEST: [2], EET: [2], EEST: [3] },
  ...{ WAT: [1], CAT: [2], SAST: [2], EAT: [3], MSK: [3], IDT: [3], PKT: [5], WIB: [7], WITA: [8], WIT: [9], HKT: [8] },
  ...{ KST: [9], JST: [9], AWST: [8], ACST: [9.5], ACDT: [10.5], AEST: [10], AEDT: [11], ChST: [10] },
  ...{ NZST: [12], NZDT: [13], SST: [-11] },
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

/** When something is due: local time unless it says otherwise. Of a year that four digits say, and no slip of one. */
export function timeOf(text: string): Date | undefined {
  const { clock, zone } = clockIn(text) ?? {};
  if (clock === undefined || (zone && !/^(?:Z|[+-])/.test(zone))) return undefined;
  const time = zone ? new Date(clock - (minutesEast(zone, clock) ?? NaN) * MINUTE) : localTime(clock);
  return time.getTime() > 0 && time.getUTCFullYear() < 10_000 ? time : undefined;
}

/** When the machine's own clock shows so much. */
function localTime(clock: number): Date {
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
  const written = /^([+-])(\d\d):?(\d\d)?$/.exec(zone);
  if (written) {
    const minutes = 60 * Number(written[2]) + Number(written[3] ?? 0);
    // No clock is farther from that of Greenwich.
    return minutes <= 14 * 60 && Number(written[3] ?? 0) < 60 ? Number(`${written[1]}1`) * minutes : undefined;
  }
  if (Object.hasOwn(clocks, zone)) {
    const could = clocks[zone].map((hours) => 60 * hours);
    return could.length === 1 ? could[0] : could.find((east) => east === ownMinutesEast(clock - east * MINUTE));
  }
  // Whatever other name has no place in it stands for something else to JavaScript than to Python.
  if (!zone.includes("/")) return undefined;
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

const ownMinutesEast = (at: number): number => -new Date(at).getTimezoneOffset();
