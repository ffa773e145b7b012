// Write the calendars of patients with an npm library: node calendars.mjs LIBRARY EVENTS.json
// Prints the seconds of the processor, without imports and reading, and how many events were made, as JSON.
import { readFileSync } from "node:fs";

const [library, file] = process.argv.slice(2);
const people = JSON.parse(readFileSync(file, "utf8"));

const parts = (at) => [
  at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate(), at.getUTCHours(), at.getUTCMinutes(),
];

const writers = {
  async "ics"() {
    const { createEvents } = await import("ics");
    return (events) => createEvents(events.map((each) => ({
      uid: each.uid,
      title: each.title,
      description: each.description,
      start: parts(new Date(each.start)),
      startInputType: "utc",
      end: parts(new Date(each.end)),
      endInputType: "utc",
      status: "CONFIRMED",
      busyStatus: "FREE",
      transp: "TRANSPARENT",
      classification: "PRIVATE",
      sequence: 0,
      alarms: [{ action: "display", description: each.title, trigger: { before: true, minutes: 15 } }],
    }))).value;
  },
  async "ical-generator"() {
    const { default: ical } = await import("ical-generator");
    return (events) => {
      const calendar = ical({ prodId: "-//benchmark//EN" });
      for (const each of events) {
        calendar.createEvent({
          id: each.uid,
          start: new Date(each.start),
          end: new Date(each.end),
          summary: each.title,
          description: each.description,
          status: "CONFIRMED",
          busystatus: "FREE",
          transparency: "TRANSPARENT",
          class: "PRIVATE",
          sequence: 0,
        }).createAlarm({ type: "display", trigger: 900, description: each.title });
      }
      return calendar.toString();
    };
  },
};

const write = await writers[library]();
const begin = process.cpuUsage();
let made = 0;
for (const events of people) made += write(events).split("BEGIN:VEVENT").length - 1;
const { user, system } = process.cpuUsage(begin);
const seconds = (user + system) / 1e6;
console.log(JSON.stringify({ seconds, made }));
