import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { askedRights } from "#local/dynamodb/asked-rights.ts";

const key = (pk: string) => ({ pk: { S: pk }, sk: { N: "1" } });
const asked = (operation: string, input: object) =>
  askedRights(operation, { ...input }).map(({ action, table, partitions }) => [
    action,
    table,
    ...partitions("pk"),
  ]);

describe("the IAM actions of a DynamoDB call", () => {
  it("are one per table for a batch, deletes included, with the partitions of all its items", () => {
    const RequestItems = {
      log: [
        { PutRequest: { Item: { ...key("a"), text: { S: "x" } } } },
        { DeleteRequest: { Key: key("b") } },
        { DeleteRequest: { Key: key("a") } },
      ],
      other: [{ DeleteRequest: { Key: key("c") } }],
    };
    expect(asked("BatchWriteItem", { RequestItems })).toEqual([
      ["BatchWriteItem", "log", "a", "b"],
      ["BatchWriteItem", "other", "c"],
    ]);
    expect(asked("BatchGetItem", { RequestItems: { log: { Keys: [key("a"), key("b")] } } })).toEqual([
      ["BatchGetItem", "log", "a", "b"],
    ]);
  });

  it("are each item's own for a transaction", () => {
    const TransactItems = [
      { Put: { TableName: "log", Item: key("a") } },
      { Update: { TableName: "log", Key: key("b") } },
      { Delete: { TableName: "log", Key: key("c") } },
      { ConditionCheck: { TableName: "other", Key: key("d") } },
    ];
    expect(asked("TransactWriteItems", { TransactItems })).toEqual([
      ["PutItem", "log", "a"],
      ["UpdateItem", "log", "b"],
      ["DeleteItem", "log", "c"],
      ["ConditionCheckItem", "other", "d"],
    ]);
  });

  it("name the partition that a query compares with, whatever the placeholder", () => {
    const values = { ExpressionAttributeValues: { ":p": { S: "a" }, ":n": { N: "3" } } };
    const query = (KeyConditionExpression: string, more = {}) =>
      asked("Query", { TableName: "log", KeyConditionExpression, ...values, ...more });
    expect(query("pk = :p AND sk > :n")).toEqual([["Query", "log", "a"]]);
    const ExpressionAttributeNames = { "#k": "pk" };
    expect(query("sk > :n and #k=:p", { ExpressionAttributeNames })).toEqual([["Query", "log", "a"]]);
  });

  it("name no partition for a scan", () => {
    expect(asked("Scan", { TableName: "log" })).toEqual([["Scan", "log"]]);
  });

  it("miss no partition, whatever a batch contains", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ minLength: 1 }), fc.boolean()), { minLength: 1 }),
        (items) => {
          const log = items.map(([pk, puts]) =>
            puts ? { PutRequest: { Item: key(pk) } } : { DeleteRequest: { Key: key(pk) } },
          );
          const [[, , ...partitions] = []] = asked("BatchWriteItem", { RequestItems: { log } });
          expect(new Set(partitions)).toEqual(new Set(items.map(([pk]) => pk)));
        },
      ),
    );
  });
});
