const entries = ["event-spine", "event-spine/testing", "event-spine/aws", "event-spine/client"];
for (const entry of entries) console.log(entry, Object.keys(await import(entry)).length > 0);
