#include "https/api_description.h"

namespace bulkhead::https {

const std::string_view kApiDescription = R"json({
  "openapi": "3.1.0",
  "info": {
    "title": "Bulkhead",
    "version": "1",
    "description": "A log-in holds for its connection and for nothing else: there is no cookie and no token. Keep the connection open, or log in again on the next one."
  },
  "paths": {
    "/healthz": {
      "get": {"summary": "Whether this server serves", "responses": {"200": {"description": "It does"}}}
    },
    "/api/v1/session": {
      "post": {
        "summary": "Log in on this connection",
        "requestBody": {"required": true, "content": {"application/x-www-form-urlencoded": {"schema": {
          "type": "object",
          "properties": {
            "user": {"type": "string"},
            "password": {"type": "string"},
            "code": {"type": "string", "description": "of a second factor, where the account has one"}
          },
          "required": ["user"]
        }}}},
        "responses": {
          "200": {"description": "Logged in", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Session"}}}},
          "401": {"$ref": "#/components/responses/Error"},
          "409": {"$ref": "#/components/responses/Error"},
          "429": {"$ref": "#/components/responses/Error"}
        }
      },
      "get": {
        "summary": "Who is logged in on this connection",
        "responses": {
          "200": {"description": "Somebody is", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Session"}}}},
          "401": {"$ref": "#/components/responses/Error"}
        }
      },
      "delete": {"summary": "Log out: the connection ends", "responses": {"204": {"description": "Done"}}}
    },
    "/api/v1/files/{path}": {
      "parameters": [{"name": "path", "in": "path", "required": true, "schema": {"type": "string"}, "description": "Names with '/' between them; in each name every byte that is not a letter, a digit or one of -._~ as %XX"}],
      "get": {
        "summary": "Get a file, a part of it, or list a folder",
        "parameters": [{"name": "Range", "in": "header", "schema": {"type": "string"}, "description": "bytes=FIRST-LAST, one range"}],
        "responses": {
          "200": {"description": "The file, or the folder", "content": {
            "application/octet-stream": {},
            "application/json": {"schema": {"$ref": "#/components/schemas/Folder"}}
          }},
          "206": {"description": "The part"},
          "304": {"description": "What If-None-Match names is what there is"},
          "403": {"$ref": "#/components/responses/Error"},
          "404": {"$ref": "#/components/responses/Error"},
          "416": {"$ref": "#/components/responses/Error"},
          "429": {"$ref": "#/components/responses/Error"}
        }
      },
      "put": {
        "summary": "Put a file: others see the old one or the new one, never a part",
        "parameters": [{"name": "If-None-Match", "in": "header", "schema": {"const": "*"}, "description": "only if there is none"}],
        "requestBody": {"required": true, "content": {"application/octet-stream": {}}},
        "responses": {
          "201": {"description": "A new file, stored as the server promises"},
          "204": {"description": "A new version, stored as the server promises"},
          "403": {"$ref": "#/components/responses/Error"},
          "409": {"$ref": "#/components/responses/Error"},
          "412": {"$ref": "#/components/responses/Error"},
          "507": {"$ref": "#/components/responses/Error"}
        }
      }
    }
  },
  "components": {
    "responses": {
      "Error": {"description": "What is wrong, in a sentence", "content": {"application/json": {"schema": {
        "type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]
      }}}}
    },
    "schemas": {
      "Session": {
        "type": "object",
        "properties": {"user": {"type": "string"}, "home": {"type": "string", "description": "where to list first"}},
        "required": ["user", "home"]
      },
      "Folder": {
        "type": "object",
        "properties": {
          "path": {"type": "string"},
          "entries": {"type": "array", "items": {
            "type": "object",
            "properties": {
              "name": {"type": "string", "description": "for showing"},
              "href": {"type": "string", "description": "for asking"},
              "kind": {"enum": ["file", "folder"]},
              "size": {"type": "integer"},
              "modified": {"type": "string", "format": "date-time"}
            },
            "required": ["name", "href", "kind", "modified"]
          }}
        },
        "required": ["path", "entries"]
      }
    }
  }
}
)json";

}  // namespace bulkhead::https
