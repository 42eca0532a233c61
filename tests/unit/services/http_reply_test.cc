#include "runner/services/process/http_reply.h"

#include <gtest/gtest.h>

namespace trun {
namespace {

constexpr const char* kReply = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 5\r\nX: y\r\n\r\nhello";

TEST(HttpReplyTest, IsPutTogetherFromAnyPieces) {
  const std::string whole = kReply;
  for (std::size_t size = 1; size <= whole.size(); ++size) {
    HttpReply reply;
    for (std::size_t at = 0; at < whole.size(); at += size) {
      EXPECT_FALSE(reply.done());
      ASSERT_TRUE(reply.feed(std::string_view(whole).substr(at, size)).ok());
    }
    ASSERT_TRUE(reply.done()) << size;
    EXPECT_EQ(reply.status(), 503u);
    EXPECT_EQ(reply.body(), "hello");
  }
}

TEST(HttpReplyTest, WithoutALengthTheEndOfTheConnectionIsItsEnd) {
  HttpReply reply;
  ASSERT_TRUE(reply.feed("HTTP/1.0 200 OK\r\n\r\nhel").ok());
  ASSERT_TRUE(reply.feed("lo").ok());
  EXPECT_FALSE(reply.done());
  ASSERT_TRUE(reply.close().ok());
  EXPECT_TRUE(reply.done());
  EXPECT_EQ(reply.body(), "hello");
}

TEST(HttpReplyTest, ChunksAreJoined) {
  HttpReply reply;
  ASSERT_TRUE(reply.feed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n").ok());
  ASSERT_TRUE(reply.done());
  EXPECT_EQ(reply.body(), "hello");
}

TEST(HttpReplyTest, WhatIsNoHttpIsAnError) {
  HttpReply ssh, cut;
  EXPECT_FALSE(ssh.feed("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n\r\n").ok());
  ASSERT_TRUE(cut.feed("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello").ok());
  EXPECT_FALSE(cut.close().ok());
}

TEST(HttpReplyTest, ABodyWithoutEndIsAnError) {
  HttpReply reply;
  ASSERT_TRUE(reply.feed("HTTP/1.1 200 OK\r\n\r\n").ok());
  const std::string much(1 << 16, 'x');
  int fed = 0;
  while (fed < 100 && reply.feed(much).ok()) ++fed;
  EXPECT_LT(fed, 100);
}

TEST(HttpReplyTest, AskingIsOneGetWithTheHostAndAClose) {
  EXPECT_EQ(http_get("127.0.0.1", 80, "/health?x=1"),
            "GET /health?x=1 HTTP/1.1\r\nHost: 127.0.0.1:80\r\nUser-Agent: trun\r\nAccept: */*\r\n"
            "Connection: close\r\n\r\n");
}

TEST(HttpComplaintTest, StatusAndFieldDecide) {
  ReadyCheck check;
  EXPECT_EQ(http_complaint(check, 200, ""), "");
  EXPECT_EQ(http_complaint(check, 503, ""), "status 503 instead of 200");
  EXPECT_EQ(http_complaint(check, 503, "wait"), "status 503 instead of 200: wait");
  check.json_field = "checks.db";
  check.json_value = "true";
  EXPECT_EQ(http_complaint(check, 200, R"({"checks": {"db": true}})"), "");
  EXPECT_EQ(http_complaint(check, 200, R"({"checks": {"db": false}})"), "'checks.db' is false instead of true");
  EXPECT_EQ(http_complaint(check, 200, R"({"checks": 1})"), "the body has no field 'checks.db': {\"checks\": 1}");
  EXPECT_EQ(http_complaint(check, 200, "OK"), "status 200, but the body is no JSON: OK");
  check.json_field = "status";
  check.json_value = "ok";
  EXPECT_EQ(http_complaint(check, 200, R"({"status": "ok"})"), "");
  EXPECT_EQ(http_complaint(check, 200, R"({"status": "starting"})"), "'status' is starting instead of ok");
}

}  // namespace
}  // namespace trun
