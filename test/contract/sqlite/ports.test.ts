import { describeBlobs, describeExpiringBlobs } from "../blobs.ts";
import { describeExpiringLog } from "../expiring-log.ts";
import { describeLocalSessionLog } from "../local-session-log.ts";
import { describeSessionLog } from "../session-log.ts";
import { describeScores } from "../scores.ts";
import { freshFile, openForTest } from "./log-file.ts";

const makeLog = () => Promise.resolve(openForTest(freshFile()));
describeSessionLog("sqlite", makeLog);
describeLocalSessionLog("sqlite", makeLog);
describeBlobs(
  "sqlite",
  async () => (await makeLog()).blobs,
  async (link) => (await fetch(link)).text(),
);
describeExpiringLog("sqlite", makeLog);
describeExpiringBlobs("sqlite", async () => (await makeLog()).blobs);
describeScores("sqlite", async () => (await makeLog()).scores);
