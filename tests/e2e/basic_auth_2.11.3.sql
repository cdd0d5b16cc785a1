-- Dumped from the database of users of an `mlflow server` 2.11.3 with --app-name basic-auth.
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('8606fa83a998');
CREATE TABLE experiment_permissions (
	id INTEGER NOT NULL, 
	experiment_id VARCHAR(255) NOT NULL, 
	user_id INTEGER NOT NULL, 
	permission VARCHAR(255), 
	PRIMARY KEY (id), 
	CONSTRAINT fk_user_id FOREIGN KEY(user_id) REFERENCES users (id), 
	CONSTRAINT unique_experiment_user UNIQUE (experiment_id, user_id)
);
INSERT INTO "experiment_permissions" VALUES(1,'1',2,'MANAGE');
INSERT INTO "experiment_permissions" VALUES(2,'0',2,'NO_PERMISSIONS');
CREATE TABLE registered_model_permissions (
	id INTEGER NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	user_id INTEGER NOT NULL, 
	permission VARCHAR(255), 
	PRIMARY KEY (id), 
	CONSTRAINT fk_user_id FOREIGN KEY(user_id) REFERENCES users (id), 
	CONSTRAINT unique_name_user UNIQUE (name, user_id)
);
INSERT INTO "registered_model_permissions" VALUES(1,'m',1,'MANAGE');
INSERT INTO "registered_model_permissions" VALUES(2,'m',2,'EDIT');
CREATE TABLE users (
	id INTEGER NOT NULL, 
	username VARCHAR(255), 
	password_hash VARCHAR(255), 
	is_admin BOOLEAN, 
	PRIMARY KEY (id), 
	UNIQUE (username)
);
INSERT INTO "users" VALUES(1,'admin','scrypt:32768:8:1$fYO7ImmkTBUHvUgg$65b3e973550cd6c3704b1c4684be53c3c56db5be5762980f53e899b3a93d6c04908a555bdf0b8208cafe717f634609d2955e2bab1b4e5d0f613abad06ff7ad5e',1);
INSERT INTO "users" VALUES(2,'alice','scrypt:32768:8:1$AdBVutVUzyA97Hsg$3d68e74b5c36c714f679873b7ea1b37c7bce4d0e590b9806e3d7a989f158019afb786210d1ad2f21fb03e7acd3ac044d433094ff7fd791de01c7de3fa588c961',0);
INSERT INTO "users" VALUES(3,'bob','scrypt:32768:8:1$GJKG9MVOumBNoxMI$395900a21882e3e74f4f53ca028f7ceaeaa07bb500b395439ecf0ff806fd92d8a0c1a5536866ee7125fbbbbd4259128beb8344f03632435fc1b027b8faa61b37',0);
COMMIT;
