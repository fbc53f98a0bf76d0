// Reads a list of Adaptive Cards as JSON and writes, for each, what Microsoft's own parser has against it.
global.self = global.window = global;
const { AdaptiveCard, HostConfig, SerializationContext, Versions } = require("adaptivecards/dist/adaptivecards.js");

console.warn = () => {};

// Some mistakes the parser does not report: it throws.
function findings(json) {
  try {
    return reported(json);
  } catch (error) {
    return [String(error.message ?? error)];
  }
}

function reported(json) {
  const context = new SerializationContext(Versions.v1_5);
  const card = new AdaptiveCard();
  card.hostConfig = new HostConfig({ actions: { maxActions: 6 } }); // as Teams has it
  card.parse(json, context);
  const told = Array.from({ length: context.eventCount }, (_, number) => context.getEventAt(number).message);
  const failures = card.validateProperties().validationEvents;
  return [...told, ...failures.map((each) => each.message)];
}

const cards = JSON.parse(require("fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(cards.map(findings)));
